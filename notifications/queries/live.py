"""A message while it is being sent, from its counters alone: as quick for a million as for ten."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.database_clock import database_now
from notifications.models import Message
from notifications.queries.counts import CauseCount, Pace, causes_of, counts_by_provider, paces_of
from notifications.queries.fallback import NOTHING_FELL_BACK, FallbackCount, awaits_fallback, fallback_count
from notifications.rules.states import OPEN

CAUSES = 20


@dataclass(frozen=True)
class Share:
    """What one provider carries of a channel, and how many attempts of it end in a second; the provider is empty where none was tried."""

    channel: str
    provider: str
    states: dict[str, int]
    per_second: float

    @property
    def open(self) -> int:
        """What has not come to an end."""
        return sum(number for state, number in self.states.items() if state in OPEN)

    @property
    def seconds_left(self) -> int | None:
        """How long the rest takes at that pace, rounded up; `None` when nothing is left, or nothing moves."""
        return math.ceil(self.open / self.per_second) if self.open and self.per_second > 0 else None


@dataclass(frozen=True)
class Live:
    """`rows` counts states by (channel, provider), the provider empty for what was never tried; `causes` are the most frequent ones."""

    rows: dict[tuple[str, str], dict[str, int]]
    paces: dict[tuple[str, str], Pace]
    causes: list[CauseCount]
    planned_whole: bool
    fallbacks: FallbackCount = NOTHING_FELL_BACK

    @property
    def states(self) -> dict[str, int]:
        """Deliveries per state."""
        found: dict[str, int] = {}
        for states in self.rows.values():
            for state, number in states.items():
                found[state] = found.get(state, 0) + number
        return found

    @property
    def shares(self) -> list[Share]:
        """What was never tried stands with the one provider of its channel that has tried any, else on its own."""
        rows = {key: dict(states) for key, states in self.rows.items()}
        for channel in {channel for channel, provider in rows if not provider}:
            tried = [key for key in rows if key[0] == channel and key[1]]
            if len(tried) == 1:
                for state, number in rows.pop((channel, "")).items():
                    rows[tried[0]][state] = rows[tried[0]].get(state, 0) + number
        pace = {key: found.per_second for key, found in self.paces.items()}
        return [Share(*key, states, pace.get(key, 0.0)) for key, states in sorted(rows.items())]

    @property
    def done(self) -> bool:
        """Whether nothing is under way, nor still to be planned."""
        return is_done(self.states, planned_whole=self.planned_whole)


def live(message: Message | None) -> Live:
    """How it stands now; empty and done where a release has no message."""
    if message is None:
        return Live({}, {}, [], planned_whole=True)
    return Live(
        rows=counts_by_provider(message.pk),
        paces=paces_of(message.pk, database_now()),
        causes=causes_of(message.pk, CAUSES),
        planned_whole=is_planned_whole(message) and not awaits_fallback(message),
        fallbacks=fallback_count(message),
    )


def is_planned_whole(message: Message) -> bool:
    """Whether nothing more of it is going to be planned."""
    return message.planned_at is not None or message.unplanned is not None or bool(message.ended_as)


def is_done(states: Mapping[str, int], *, planned_whole: bool) -> bool:
    """Whether nothing is under way, nor still to be planned."""
    return planned_whole and not OPEN & states.keys()
