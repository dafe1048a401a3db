"""A mail server that keeps the journal and misbehaves as it is told: `python -m faults.sink JOURNAL PORT SEED [FAULT=COUNT/OF …]`.

A fault with `COUNT/OF` meets COUNT of the first OF messages, by chance: `drop_before` ends the connection before the message is asked
for, `drop_data` when it is in but before it is taken, `drop_after` once it is taken, `4xx` asks to try later, `5xx` says the address does
not exist, `refuse` refuses the message itself, `slow` takes it and answers after the sender's patience is over.
`pace=N` lets at most N messages a second in, over all connections.
"""

import asyncio
import logging
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from faults.journal import ACCEPTED, REFUSED, Line, Pen
from tests.support.sinks import ROOT, free_port, wait_for_port

logging.getLogger("mail.log").setLevel(logging.ERROR)
_KEY = re.compile(rb"^X-Delivery-Key: (\S+)\r?$", re.MULTILINE)
_TITLE = re.compile(rb"^Subject: (.+?)\r?$", re.MULTILINE)
SLOW = 4.0
LEAVES_OPEN = frozenset({"drop_data", "drop_after", "slow"})


class Sink:
    """The server. What befalls a message is chosen when its sender is named."""

    def __init__(self, pen: Pen, befalls: Sequence[str], pace: float = 0) -> None:
        self._pen = pen
        self._befalls = list(befalls)
        self._pace = pace
        self._free_at = 0.0
        self._left_open: set[str] = set()

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [responses[0], "250-PIPELINING", *responses[1:]]

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        vars(envelope)["fault"] = self._befalls.pop() if self._befalls else ""
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        match vars(envelope)["fault"]:
            case "4xx":
                return f"450 4.2.0 <{address}> try again later"
            case "5xx":
                self._pen.write(Line(time.time(), REFUSED, "-", address, "-"))
                return f"550 5.1.1 <{address}> does not exist"
            case "drop_before":
                _cut(server)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content, fault = envelope.content, self._once(vars(envelope)["fault"], envelope.rcpt_tos[0])
        assert isinstance(content, bytes)  # noqa: S101 - aiosmtpd was not asked to decode
        if fault == "drop_data":
            _cut(server)
            return "451 4.3.0 gone"
        await self._wait_for_its_turn()
        self._pen.write(_line(content, envelope.rcpt_tos[0], REFUSED if fault == "refuse" else ACCEPTED))
        if fault == "drop_after":
            _cut(server)
        if fault == "slow":
            await asyncio.sleep(SLOW)
        return "554 5.6.0 Not this" if fault == "refuse" else "250 OK"

    def _once(self, fault: str, address: str) -> str:
        """Twice in a row an outcome that nobody knows ends a letter as uncertain, by promise: it befalls nobody twice."""
        if fault in LEAVES_OPEN:
            if address in self._left_open:
                return ""
            self._left_open.add(address)
        return fault

    async def _wait_for_its_turn(self) -> None:
        if self._pace:
            now = time.monotonic()
            self._free_at = max(now, self._free_at) + 1 / self._pace
            await asyncio.sleep(self._free_at - now)


def _line(content: bytes, address: str, word: str) -> Line:
    key, title = _KEY.search(content), _TITLE.search(content)
    return Line(time.time(), word, key[1].decode() if key else "-", address, title[1].decode() if title else "-")


def _cut(server: SMTP) -> None:
    """Ends the connection as a crash would."""
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


def plan(faults: Sequence[str], chance: random.Random) -> list[str]:
    """What befalls each message, the last one first: of `slow=3/100`, three of a hundred, by chance."""
    wanted: list[tuple[str, int, int]] = []
    for fault in faults:
        name, _, amount = fault.partition("=")
        count, _, of = amount.partition("/")
        wanted.append((name, int(count), int(of)))
    befalls = [""] * max((first for _, _, first in wanted), default=0)
    for fault, times, first in wanted:
        free = [place for place in range(first) if not befalls[place]]
        for place in chance.sample(free, times):
            befalls[place] = fault
    return befalls[::-1]


@contextmanager
def sink(journal: Path, *, seed: int, faults: Sequence[str] = (), pace: float = 0) -> Iterator[int]:
    """The server as a process of its own; yields its port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "faults.sink", str(journal), str(port), str(seed), f"pace={pace}", *faults], cwd=ROOT)
    try:
        wait_for_port(port, 30)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def main(journal: str, port: str, seed: str, pace: str, *faults: str) -> None:
    """Runs until it is ended."""
    handler = Sink(Pen(Path(journal)), plan(faults, random.Random(int(seed))), float(pace.partition("=")[2]))
    controller = Controller(handler, hostname="127.0.0.1", port=int(port))
    controller.start()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
