"""What a drill has shown: whom it reached, who answered how soon, and whom it did not reach and why."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from notifications.rules.states import FAILED, OPEN, TAKEN_OVER, DeliveryState


class Outcome(StrEnum):
    """How it stands with one person, the best that any of their addresses shows."""

    ANSWERED = "answered"
    SILENT = "silent"
    """It was handed over and they have not answered."""
    WAITING = "waiting"
    """It is on its way."""
    FAILED = "failed"
    """It could be handed over at none of their addresses."""
    NOT_SENT = "not_sent"
    """Nothing was sent to them."""


WORDS: dict[Outcome, str] = {
    Outcome.ANSWERED: "answered",
    Outcome.SILENT: "reached, no answer",
    Outcome.WAITING: "on its way",
    Outcome.FAILED: "not reached",
    Outcome.NOT_SENT: "nothing sent",
}


@dataclass(frozen=True)
class Sent:
    """One delivery to them."""

    channel: str
    state: DeliveryState
    reason: str = ""


@dataclass(frozen=True)
class Reached:
    """Somebody whom the drill was meant for. `passed_over` says why nothing was sent; `answered_at` and `how` their answer."""

    name: str
    told_at: datetime | None = None
    passed_over: str = ""
    sent: tuple[Sent, ...] = ()
    answered_at: datetime | None = None
    how: str = ""
    step: int = 0


@dataclass(frozen=True)
class Line:
    """One person's line of the report. `why` says what stood in the way; `took` from being told to the answer."""

    name: str
    outcome: Outcome
    why: str
    channels: tuple[str, ...]
    told_at: datetime | None
    answered_at: datetime | None
    took: timedelta | None
    how: str
    step: int


@dataclass(frozen=True)
class Report:
    """All lines, those who were not reached first, and their sums. `half` and `slowest`: how long answers took."""

    lines: tuple[Line, ...]
    counts: dict[Outcome, int]
    half: timedelta | None
    slowest: timedelta | None

    @property
    def total(self) -> int:
        """How many people it was meant for."""
        return len(self.lines)

    @property
    def answered_percent(self) -> int:
        """The share of all that answered, whole per cent, rounded down."""
        return 100 * self.counts[Outcome.ANSWERED] // self.total if self.total else 0


_ORDER = [Outcome.FAILED, Outcome.NOT_SENT, Outcome.SILENT, Outcome.WAITING, Outcome.ANSWERED]


def report(people: Iterable[Reached]) -> Report:
    """The report over everybody."""
    lines = sorted((_line(one) for one in people), key=lambda line: (_ORDER.index(line.outcome), line.name.casefold()))
    took = [line.took for line in lines if line.took is not None]
    counted = Counter(line.outcome for line in lines)
    seconds = [one.total_seconds() for one in took]
    return Report(
        lines=tuple(lines),
        counts={outcome: counted[outcome] for outcome in Outcome},
        half=timedelta(seconds=median(seconds)) if seconds else None,
        slowest=max(took) if took else None,
    )


def _line(one: Reached) -> Line:
    outcome, why = _outcome(one)
    took = max(one.answered_at - one.told_at, timedelta()) if one.answered_at is not None and one.told_at is not None else None
    channels = tuple(dict.fromkeys(sent.channel for sent in one.sent))
    return Line(one.name, outcome, why, channels, one.told_at, one.answered_at, took, one.how, one.step)


def _outcome(one: Reached) -> tuple[Outcome, str]:
    if one.answered_at is not None:
        return Outcome.ANSWERED, ""
    if not one.sent:
        return Outcome.NOT_SENT, one.passed_over or "nothing was planned for them"
    if any(sent.state in TAKEN_OVER for sent in one.sent):
        return Outcome.SILENT, ""
    if any(sent.state in OPEN for sent in one.sent):
        return Outcome.WAITING, ""
    failed = any(sent.state in FAILED for sent in one.sent)
    return Outcome.FAILED if failed else Outcome.NOT_SENT, _reasons(one.sent)


def _reasons(sent: Sequence[Sent]) -> str:
    return "; ".join(dict.fromkeys(f"{one.channel}: {one.reason or one.state.value}" for one in sent))


def in_words(took: timedelta | None) -> str:
    """A duration as people read it; empty without one."""
    if took is None:
        return ""
    seconds = int(took.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"
