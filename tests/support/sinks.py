"""An SMTP server for tests that keeps its own journal: what it says it accepted is the oracle, not our tables.

As a program (`python -m tests.support.sinks JOURNAL PORT [KEEP]`) it outlives the workers that are killed around it.
"""

import asyncio
import logging
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

ROOT = Path(__file__).resolve().parents[2]
# It tells every command; the journal is what counts.
logging.getLogger("mail.log").setLevel(logging.ERROR)
_KEY = re.compile(rb"^X-Delivery-Key: (\S+)\r?$", re.MULTILINE)


class Journal:
    """One line `KEY RECIPIENT` per accepted message, on the disk before the client hears of it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._lock = threading.Lock()

    def accept(self, key: str, recipient: str) -> None:
        with self._lock:
            os.write(self._file, f"{key} {recipient}\n".encode())
            os.fsync(self._file)


def read_journal(path: Path) -> Counter[str]:
    """How often each key was accepted."""
    return Counter(line.split(" ")[0] for line in path.read_text().splitlines())


@dataclass
class Sink:
    """How the server behaves: each entry of `script` is taken for one message, then it is kind again.

    `drop_before` ends the connection when DATA is asked for, `drop_after` when the whole message is in (and accepted, in the
    journal), `4xx`, `5xx` answer RCPT, `refuse` answers the final dot with 554, `sender` refuses MAIL with 530.
    `bad` are addresses that do not exist.
    """

    journal: Journal | None = None
    script: list[str] = field(default_factory=list)
    bad: set[str] = field(default_factory=set)
    letters: list[tuple[str, bytes]] = field(default_factory=list)
    keep: bool = True
    port: int = 0
    pipelining: bool = True
    accepted: Counter[str] = field(default_factory=Counter)
    _mode: str = ""

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        # It reads line by line and so takes commands in groups; it only does not say so by itself.
        return [responses[0], *(["250-PIPELINING"] if self.pipelining else []), *responses[1:]]

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        self._mode = self.script.pop(0) if self.script else ""
        if self._mode == "sender":
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        if self._mode == "4xx":
            return f"450 4.2.0 <{address}> try again later"
        if self._mode == "5xx" or address in self.bad:
            return f"550 5.1.1 <{address}> does not exist"
        if self._mode == "drop_before":
            _cut(server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content
        assert isinstance(content, bytes)
        if self._mode == "refuse":
            return "554 5.6.0 Not this"
        found = _KEY.search(content)
        key = found[1].decode() if found else "-"
        if self.journal is not None:
            self.journal.accept(key, envelope.rcpt_tos[0])
        self.accepted[key] += 1
        if self.keep:
            self.letters.append((envelope.rcpt_tos[0], content))
        if self._mode == "drop_after":
            _cut(server)
        return "250 OK"

    def letter_to(self, address: str) -> EmailMessage:
        """The only letter to that address, read."""
        found = [content for recipient, content in self.letters if recipient == address]
        assert len(found) == 1, f"{len(found)} letters to {address}"
        letter = message_from_bytes(found[0], policy=policy.default)
        assert isinstance(letter, EmailMessage)
        return letter

    def recipients(self) -> list[str]:
        """Who got something, in alphabetical order."""
        return sorted(recipient for recipient, _ in self.letters)


def _cut(server: SMTP) -> None:
    """Ends the connection as a crash would."""
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()


@contextmanager
def smtp_sink(*, journal: Path | None = None, port: int = 0, keep: bool = True, pipelining: bool = True) -> Iterator[Sink]:
    """A running server on a port of 127.0.0.1."""
    sink = Sink(journal=Journal(journal) if journal else None, keep=keep, port=port or free_port(), pipelining=pipelining)
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


@contextmanager
def sink_process(journal: Path) -> Iterator[int]:
    """The same server as a process of its own; yields its port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.support.sinks", str(journal), str(port)], cwd=ROOT)
    try:
        wait_for_port(port)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, seconds: float = 15.0) -> None:
    """Returns when something listens there. Raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port}")


def main(journal: str, port: str) -> None:
    """Runs until it is ended."""
    with smtp_sink(journal=Path(journal), port=int(port), keep=False):
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
