"""The clock of one slot: which step is due, whether we noticed late, how much time is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from approvals.rules.words import Step

# Shares of the window, in per cent. The holders of the override are called in a fifth of the window after it has run
# out, so that the next reviewer has a moment; where there is no next reviewer they are called at once.
SHARES: tuple[tuple[Step, int], ...] = ((Step.REMINDER, 50), (Step.BACKUP, 80), (Step.NEXT_TIER, 100), (Step.OVERRIDE_HOLDER, 120))
# A step noticed later than this is told as late.
NOTICED_LATE = timedelta(minutes=2)


@dataclass(frozen=True)
class Falling:
    """What falls due now: the one step that is told, those it overtakes, and whether it is told late."""

    fire: Step | None = None
    overtaken: tuple[Step, ...] = ()
    late: bool = False


def plan(*, opened_at: datetime, due_at: datetime, last: Step = Step.OVERRIDE_HOLDER) -> tuple[tuple[Step, datetime], ...]:
    """When each step of a window up to `last` is due. Lengths are of elapsed time, whatever the wall clocks do meanwhile."""
    window = due_at - opened_at
    until = dict(SHARES)[last]
    return tuple((step, opened_at + window * share / 100) for step, share in SHARES if share <= until)


def falling_due(waiting: Mapping[Step, datetime], now: datetime) -> Falling:
    """Of the steps not told yet, the furthest one that is due is told; those before it are passed over.

    So a slot is told about once after an outage, however long that was.
    """
    due = [step for step, _ in SHARES if step in waiting and waiting[step] <= now]
    if not due:
        return Falling()
    return Falling(fire=due[-1], overtaken=tuple(due[:-1]), late=now - waiting[due[-1]] > NOTICED_LATE)


def share_left(*, opened_at: datetime, due_at: datetime, now: datetime) -> int:
    """How much of the window is left, in whole per cent from 0 to 100."""
    window = (due_at - opened_at).total_seconds()
    if window <= 0:
        return 0
    return max(0, min(100, round(100 * (due_at - now).total_seconds() / window)))
