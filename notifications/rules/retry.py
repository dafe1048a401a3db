"""What follows from an attempt's outcome."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from notifications.rules.states import DeliveryState, Outcome

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)
AMBIGUOUS_RETRIES = 1
"""SMTP may repeat an ambiguous outcome once, under the same key: at most one extra copy each."""
MAIL_RETRIES_AFTER_DEATH = 10
"""A worker that died says nothing about the letter or its server, and the next may die as well (docs/reliability.md)."""


_FINAL = {
    Outcome.ACCEPTED: DeliveryState.ACCEPTED,
    Outcome.BAD_ADDRESS: DeliveryState.BOUNCED,
    Outcome.REFUSED: DeliveryState.DEAD,
}


@dataclass(frozen=True)
class Next:
    """The delivery's next state, how long to wait, and which of its counters grow."""

    state: DeliveryState
    wait: timedelta = timedelta(0)
    counts_as_try: bool = False
    counts_as_ambiguous: bool = False


def backoff(tries: int, chance: Callable[[], float]) -> timedelta:
    """Full jitter: a random part (`chance()` in [0, 1)) of 5 s · 2^tries, capped at 15 min."""
    ceiling = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(tries, 10)))
    return ceiling * chance()


def scheduled(tries: int, waits: Sequence[timedelta], chance: Callable[[], float]) -> timedelta:
    """The wait that a channel's own schedule names after so many tries, up to a tenth longer so that not all come back at once."""
    return waits[min(tries, len(waits) - 1)] * (1 + chance() / 10)


def after(
    outcome: Outcome,
    *,
    tries: int,
    ambiguous: int,
    chance: Callable[[], float],
    ambiguous_retries: int = AMBIGUOUS_RETRIES,
    waits: Sequence[timedelta] = (),
    asked: timedelta = timedelta(0),
) -> Next:
    """The consequence of one attempt; `tries` and `ambiguous` count what came before it.

    `waits` is the channel's own schedule, where it has one; `asked` how long the far side wants this letter to wait at least.
    """
    match outcome:
        case Outcome.TRANSIENT:
            return Next(DeliveryState.RETRY_WAIT, max(asked, _wait(tries, waits, chance)), counts_as_try=True)
        case Outcome.AMBIGUOUS if ambiguous < ambiguous_retries:
            return Next(DeliveryState.RETRY_WAIT, _wait(tries, waits, chance), counts_as_try=True, counts_as_ambiguous=True)
        case Outcome.AMBIGUOUS:
            return Next(DeliveryState.UNCERTAIN, counts_as_try=True, counts_as_ambiguous=True)
        case Outcome.CONFIGURATION | Outcome.NOT_SENT | Outcome.THROTTLED:
            return Next(DeliveryState.QUEUED)
    return Next(_FINAL[outcome], counts_as_try=True)


def retries_after_death(channel: str, ambiguous_retries: int) -> int:
    """How often a letter is tried again whose worker ended before it could say, where `ambiguous_retries` holds for what servers do.

    E-mail may come once more for every outcome nobody knows; a channel that may repeat once in all, or never, goes no further.
    """
    return max(ambiguous_retries, MAIL_RETRIES_AFTER_DEATH) if channel == "email" and ambiguous_retries else ambiguous_retries


def _wait(tries: int, waits: Sequence[timedelta], chance: Callable[[], float]) -> timedelta:
    return scheduled(tries, waits, chance) if waits else backoff(tries, chance)
