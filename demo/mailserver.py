"""An SMTP server on loopback that keeps every message as a file.

`python -m demo.mailserver --port N --dir DIR`. Addresses whose local part is `gone` are refused with 550 5.1.1
(RFC 3463: bad destination mailbox), so that a bounce can be seen.
"""

import argparse
import asyncio
import itertools
import json
import time
from pathlib import Path

from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, Envelope, Session

MAX_MESSAGE_BYTES = 10 * 1024 * 1024


class Keeper:
    """Writes each accepted message to `DIR/ID.eml`, its envelope to `DIR/ID.json`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = itertools.count()

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accepts every address but `gone@…`."""
        if address.partition("@")[0] == "gone":
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name aiosmtpd calls
        """Keeps the message; it is on disk before it is accepted. One file per recipient's copy would hide doubles."""
        mail_id = f"{time.time_ns()}-{next(self._count)}"
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        self._write(self.folder / f"{mail_id}.eml", raw)
        facts = {"to": envelope.rcpt_tos, "from": envelope.mail_from, "at": time.time()}
        self._write(self.folder / f"{mail_id}.json", json.dumps(facts).encode())
        return "250 2.0.0 Kept"

    @staticmethod
    def _write(path: Path, data: bytes) -> None:
        temporary = path.with_suffix(path.suffix + ".part")
        temporary.write_bytes(data)
        temporary.replace(path)


def serve(port: int, folder: Path) -> None:
    """Serves until it is told to stop."""
    folder.mkdir(parents=True, exist_ok=True)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    controller = UnthreadedController(Keeper(folder), hostname="127.0.0.1", port=port, data_size_limit=MAX_MESSAGE_BYTES, loop=loop)
    controller.begin()  # type: ignore[no-untyped-call]  # aiosmtpd publishes no types
    loop.run_forever()


def main() -> None:
    """Reads the arguments and serves."""
    parser = argparse.ArgumentParser(description="Keeps mail in a folder.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True)
    arguments = parser.parse_args()
    serve(arguments.port, arguments.dir)


if __name__ == "__main__":
    main()
