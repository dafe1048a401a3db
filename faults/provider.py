"""Endpoints that take webhooks, keep the journal and misbehave: `python -m faults.provider JOURNAL PORT SEED FAULT=COUNT/OF …`.

The faults are those of `demo.fakes.faults`; as in `faults.sink`, COUNT of the first OF requests meet one, by chance.
"""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from demo.fakes.journal import Journal, Taken
from demo.fakes.server import Providers, start
from faults.journal import ACCEPTED, Line, Pen
from faults.sink import plan
from tests.support.sinks import ROOT, free_port, wait_for_port


class Kept(Journal):
    """The stand-ins' journal, written down as the programme reads it."""

    def __init__(self, pen: Pen) -> None:
        super().__init__()
        self._pen = pen

    def take(self, *accepted: Taken) -> None:
        for taken in accepted:
            title = json.loads(taken.text)["data"]["title"]
            self._pen.write(Line(time.time(), ACCEPTED, taken.key, taken.to, title))


@contextmanager
def provider(journal: Path, *, seed: int, faults: Sequence[str]) -> Iterator[int]:
    """The endpoints as a process of their own; yields their port."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "faults.provider", str(journal), str(port), str(seed), *faults], cwd=ROOT)
    try:
        wait_for_port(port, 30)
        yield port
    finally:
        process.terminate()
        process.wait(10)


async def serve(journal: str, port: str, seed: str, *faults: str) -> None:
    """Serves until it is ended."""
    stand_ins = Providers(Kept(Pen(Path(journal))))
    befalls = plan(faults, random.Random(int(seed)))
    # A request that nothing befalls carries the empty word.
    stand_ins.scripts["webhook"].extend(reversed(befalls))
    await start(stand_ins, int(port))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:]))
