"""What the measurements of channels share: letters made up, one process that calls at once, and the same calls by a bare client."""

import asyncio
import resource
import time
import uuid
from collections.abc import Sequence

import aiohttp

from bench.support import Round
from notifications.rules.states import MessageKind, Outcome
from notifications.transports.contract import Letter, MessageView, Transport

_BODY = "Payments by card are refused in Europe. We are looking into it.\n\nPaying by bank transfer works."
VIEW = MessageView(
    1,
    "0123456789ab",
    MessageKind.RELEASE,
    {"customers": {"title": "Some checkouts are failing", "body": _BODY}},
    {
        "status": "investigating",
        "impact": "major",
        "components": [{"name": "Checkout", "words": "partial outage", "is_public": True}],
        "released_at": "2026-03-02T14:00:00+00:00",
        "next_due_at": "2026-03-02T14:30:00+00:00",
        "incident": "0123456789ab",
    },
)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Europe/London", "America/Sao_Paulo", "Australia/Sydney")


def letters(addresses: Sequence[str]) -> list[Letter]:
    """One to each address, in six zones."""
    return [
        Letter(
            delivery=number,
            key=str(uuid.uuid4()),
            address=address,
            language="en",
            zone=ZONES[number % len(ZONES)],
            audience_key="customers",
            audience_name="Customers",
            message=VIEW,
            unsubscribe=(number, 1),
        )
        for number, address in enumerate(addresses)
    ]


def sent(transport: Transport, what: Sequence[Letter], window: int) -> Round:
    """All of them, window by window. Raises `RuntimeError` where one was not accepted."""
    begun, used = time.monotonic(), time.process_time()
    accepted = 0
    for start in range(0, len(what), window):
        accepted += sum(answer.outcome is Outcome.ACCEPTED for answer in transport.send(what[start : start + window]))
    seconds = time.monotonic() - begun
    if accepted != len(what):
        raise RuntimeError(f"{accepted} of {len(what)} were accepted")
    return Round(len(what) / seconds, len(what), time.process_time() - used)


def bare(url: str, data: bytes, headers: dict[str, str], calls: int, window: int) -> Round:
    """The same number of POSTs of the same size by aiohttp alone, as many at once."""

    async def run() -> float:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=window)) as session:

            async def one() -> None:
                async with session.post(url, data=data, headers=headers) as answer:
                    await answer.read()

            await asyncio.gather(*(one() for _ in range(window)))
            begun = time.monotonic()
            for _ in range(calls // window):
                await asyncio.gather(*(one() for _ in range(window)))
            return time.monotonic() - begun

    used = time.process_time()
    seconds = asyncio.run(run())
    return Round(calls / seconds, calls, time.process_time() - used)


def own_peak_mb() -> float:
    """Peak resident memory of this process (getrusage(2) gives KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
