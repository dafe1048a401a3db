"""The vendors' stand-ins in a thread of the test: `with providers() as outside: …`. Their journal is the oracle."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.fakes.journal import Journal, Taken
from demo.fakes.server import Providers, start
from tests.support.sinks import free_port

__all__ = ["Outside", "Taken", "providers"]


@dataclass
class Outside:
    """The stand-ins and where they listen."""

    stand_ins: Providers
    port: int

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def taken(self, provider: str) -> list[Taken]:
        """What that provider accepted, oldest first."""
        return self.stand_ins.journal.of(provider)

    def script(self, provider: str, *faults: str) -> None:
        """What the provider's next requests meet: see `demo.fakes.faults`."""
        self.stand_ins.scripts[provider].extend(faults)

    def requests(self, provider: str) -> int:
        """How many requests reached it."""
        return self.stand_ins.requests[provider]


@contextmanager
def providers(*, journal: Path | None = None, port: int = 0) -> Iterator[Outside]:
    """All stand-ins, listening on a port of 127.0.0.1."""
    outside = Outside(Providers(Journal(journal)), port or free_port())
    loop, ready = asyncio.new_event_loop(), threading.Event()

    def serve() -> None:
        asyncio.set_event_loop(loop)
        ending = loop.run_until_complete(start(outside.stand_ins, outside.port))
        ready.set()
        loop.run_forever()
        loop.run_until_complete(_end(ending))
        loop.close()

    thread = threading.Thread(target=serve, name="providers", daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield outside
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def _end(ending: Callable[[], Awaitable[None]]) -> None:
    await ending()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
