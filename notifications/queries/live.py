"""A message while it is being sent, from its counters alone: as quick for a million as for ten."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.database_clock import database_now
from notifications.models import Message
from notifications.queries.counts import CauseCount, Pace, causes_of, counts_by_provider, paces_of
from notifications.rules.states import OPEN

CAUSES = 20


@dataclass(frozen=True)
class Live:
    """`rows` counts states by (channel, provider), the provider empty for what was never tried; `causes` are the most frequent ones."""

    rows: dict[tuple[str, str], dict[str, int]]
    paces: dict[tuple[str, str], Pace]
    causes: list[CauseCount]
    planned_whole: bool

    @property
    def states(self) -> dict[str, int]:
        """Deliveries per state."""
        found: dict[str, int] = {}
        for states in self.rows.values():
            for state, number in states.items():
                found[state] = found.get(state, 0) + number
        return found

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
        planned_whole=is_planned_whole(message),
    )


def is_planned_whole(message: Message) -> bool:
    """Whether nothing more of it is going to be planned."""
    return message.planned_at is not None or bool(message.ended_as)


def is_done(states: Mapping[str, int], *, planned_whole: bool) -> bool:
    """Whether nothing is under way, nor still to be planned."""
    return planned_whole and not OPEN & states.keys()
