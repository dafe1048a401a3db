"""A release's deliveries as its page shows them: five piles instead of fourteen states, a row per provider, failures by cause."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from console.channel_words import provider_name
from notifications.queries.counts import CauseCount
from notifications.queries.live import Live
from notifications.rules.states import AGAIN, CAUSED, FAILED, IN_FLIGHT, LISTED, TAKEN_OVER, WAITING
from notifications.rules.states import DeliveryState as S
from stakeholders.rules.channel_words import channel_name

PILES: dict[str, frozenset[S]] = {
    "accepted": TAKEN_OVER,
    "in_flight": IN_FLIGHT,
    "waiting": WAITING,
    "stopped": frozenset({S.SUPPRESSED, S.SUPERSEDED, S.CANCELLED, S.EXPIRED}),
    "failed": FAILED - {S.EXPIRED},
}
_STATES = {
    S.BOUNCED: "The address does not work",
    S.UNDELIVERED: "Did not arrive",
    S.DEAD: "Refused for good",
    S.UNCERTAIN: "Nobody knows whether it arrived",
    S.EXPIRED: "Too late",
    S.SUPPRESSED: "Not sent",
    S.SUPERSEDED: "Not sent: something later took its place",
    S.CANCELLED: "Not sent: cancelled",
    S.RETRY_WAIT: "Waits for another try",
}


@dataclass(frozen=True)
class Row:
    """One provider's share of a channel. `left` says how long the rest takes at the pace of the last minute; empty when nobody knows."""

    channel: str
    provider: str
    accepted: int
    failed: int
    waiting: int
    per_second: float
    left: str


@dataclass(frozen=True)
class Cause:
    """Everybody whom the same cause kept from receiving it. `act` is `again`, `now` or empty."""

    channel: str
    state: str
    cause: str
    count: int
    words: str
    act: str
    listed: bool
    channel_words: str


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
    rows: tuple[Row, ...]
    causes: tuple[Cause, ...]
    planned_whole: bool
    instead: int = 0
    unreached: int = 0

    @property
    def unsent(self) -> int:
        """What can still be kept back, with what is on its way now."""
        return self.waiting + self.in_flight

    @property
    def said(self) -> str:
        """What is read aloud when it changes: in steps of a tenth, so that nobody is told of each letter."""
        if self.done:
            return f"Everything is settled: {self.accepted:,} of {self.planned:,} accepted."
        tenths = 10 * self.accepted // self.planned if self.planned else 0
        failing = f", {self.failed:,} failed" if self.failed else ""
        return f"{10 * tenths} % accepted{failing}."


def summed_up(live: Live) -> ProgressView:
    """The view of one release."""
    piles = _piles(live.states)
    return ProgressView(
        sum(live.states.values()),
        live.done,
        **piles,
        rows=tuple(_rows(live)),
        causes=tuple(_cause(cause) for cause in live.causes),
        planned_whole=live.planned_whole,
        instead=live.fallbacks.instead,
        unreached=live.fallbacks.unreached,
    )


def _rows(live: Live) -> Iterable[Row]:
    for share in live.shares:
        piles = _piles(share.states)
        yield Row(
            channel_name(share.channel),
            provider_name(share.provider),
            piles["accepted"],
            piles["failed"] + piles["stopped"],
            share.open,
            share.per_second,
            time_left(share.seconds_left),
        )


def time_left(seconds: int | None) -> str:
    """In words, rounded up; empty when nobody knows."""
    if seconds is None:
        return ""
    if seconds <= 60:
        return "less than a minute"
    minutes = seconds // 60 + 1
    return f"about {minutes} min" if minutes < 120 else f"about {minutes // 60} h"


def _cause(found: CauseCount) -> Cause:
    state = S(found.state)
    act = "again" if state in AGAIN else "now" if state == S.RETRY_WAIT else ""
    words = _STATES[state] if state in CAUSED else found.state
    return Cause(found.channel, found.state, found.cause, found.count, words, act, state in LISTED, channel_name(found.channel))


def _piles(states: Mapping[str, int]) -> dict[str, int]:
    return {pile: sum(states.get(state, 0) for state in members) for pile, members in PILES.items()}
