"""A release's deliveries as the progress page shows them: five piles instead of fifteen states."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from notifications.queries import ReleaseProgress
from notifications.rules.states import FAILED, IN_FLIGHT, TAKEN_OVER, WAITING
from notifications.rules.states import DeliveryState as S

PILES: dict[str, frozenset[S]] = {
    "accepted": TAKEN_OVER,
    "in_flight": IN_FLIGHT,
    "waiting": WAITING,
    "stopped": frozenset({S.SUPPRESSED, S.SUPERSEDED, S.CANCELLED, S.EXPIRED}),
    "failed": FAILED - {S.EXPIRED},
}


@dataclass(frozen=True)
class ChannelRow:
    """One channel's share."""

    channel: str
    accepted: int
    waiting: int
    failed: int


@dataclass(frozen=True)
class FailureGroup:
    """Everybody whom the same cause kept from receiving it; `names` are the first few."""

    reason: str
    count: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class ProgressView:
    """What the bar, the table and the list show."""

    planned: int
    done: bool
    accepted: int
    in_flight: int
    waiting: int
    stopped: int
    failed: int
    channels: tuple[ChannelRow, ...]
    failures: tuple[FailureGroup, ...]
    why_stopped: str


def summed_up(progress: ReleaseProgress) -> ProgressView:
    """The view of one release."""
    piles = _piles(progress["states"])
    channels = []
    for channel, states in sorted(progress["by_channel"].items()):
        share = _piles(states)
        channels.append(ChannelRow(channel, share["accepted"], share["waiting"] + share["in_flight"], share["failed"] + share["stopped"]))
    grouped: dict[str, list[str]] = {}
    for failure in progress["failures"]:
        grouped.setdefault(failure["reason"] or failure["state"], []).append(failure["recipient"])
    failures = tuple(FailureGroup(reason, len(names), tuple(names[:5])) for reason, names in sorted(grouped.items()))
    return ProgressView(
        progress["planned"], progress["done"], **piles, channels=tuple(channels), failures=failures, why_stopped=progress["stopped"]
    )


def _piles(states: Mapping[str, int]) -> dict[str, int]:
    counted = Counter({pile: sum(states.get(state, 0) for state in members) for pile, members in PILES.items()})
    return {pile: counted[pile] for pile in PILES}
