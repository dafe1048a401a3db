"""When the next update is due, and when its absence was noticed late."""

import math
from datetime import UTC, datetime, timedelta

from incidents.rules.words import PromiseOutcome, Step

NOTICED_LATE_AFTER = timedelta(minutes=5)
# How long after the promised time each step comes.
AFTER_DUE: dict[Step, timedelta] = {
    Step.DUE: timedelta(),
    Step.AFTER: timedelta(minutes=5),
    Step.DEPUTY: timedelta(minutes=10),
    Step.MANAGER: timedelta(minutes=20),
}
LONGEST_LEAD = timedelta(minutes=15)
SHORTEST_REMINDED = timedelta(minutes=3)


def due(*, made_at: datetime, minutes: int) -> datetime:
    """Elapsed time, not clock time: a change to or from daylight saving moves nothing."""
    return made_at.astimezone(UTC) + timedelta(minutes=minutes)


def moved_due(*, made_at: datetime, old_due: datetime, minutes: int, now: datetime) -> datetime:
    """A promise's new due time after the policy decided again.

    It counts from when the promise was made. One that is overdue stays due when it was: no other answer of the policy undoes
    the silence. Where the counted time already lies in the past, nobody could have kept it: the old time stands, or a full
    interval from now if that is sooner.
    """
    if old_due <= now:
        return old_due
    counted = due(made_at=made_at, minutes=minutes)
    return counted if counted > now else min(old_due, due(made_at=now, minutes=minutes))


def noticed_late(*, due_at: datetime, now: datetime) -> bool:
    """Whether the reminder itself comes late, because the scheduler was down."""
    return now - due_at > NOTICED_LATE_AFTER


def steps(*, made_at: datetime, due_at: datetime) -> dict[Step, datetime]:
    """When each step of a promise comes: a reminder when a third of the time is left, then from the due time on.

    The reminder comes at most 15 minutes before, and not at all where the whole promise is below three minutes.
    """
    times = {step: due_at + after for step, after in AFTER_DUE.items()}
    span = due_at - made_at
    return times if span < SHORTEST_REMINDED else {Step.BEFORE: due_at - min(LONGEST_LEAD, span / 3), **times}


def outcome_of(*, due_at: datetime, kept_at: datetime) -> tuple[PromiseOutcome, int]:
    """Kept or late, and by how many whole seconds, begun seconds counting."""
    late_by = max(0, math.ceil((kept_at - due_at).total_seconds()))
    return (PromiseOutcome.LATE, late_by) if late_by else (PromiseOutcome.KEPT, 0)
