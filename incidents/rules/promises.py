"""When the next update is due, and when its absence was noticed late."""

from datetime import UTC, datetime, timedelta

NOTICED_LATE_AFTER = timedelta(minutes=5)


def due(*, made_at: datetime, minutes: int) -> datetime:
    """Elapsed time, not clock time: a change to or from daylight saving moves nothing."""
    return made_at.astimezone(UTC) + timedelta(minutes=minutes)


def moved_due(*, made_at: datetime, old_due: datetime, minutes: int, now: datetime) -> datetime:
    """A promise's new due time after the policy decided again.

    It counts from when the promise was made. Where that already lies in the past, nobody could have kept it: the old
    time stands, or a full interval from now if that is sooner.
    """
    counted = due(made_at=made_at, minutes=minutes)
    return counted if counted > now else min(old_due, due(made_at=now, minutes=minutes))


def noticed_late(*, due_at: datetime, now: datetime) -> bool:
    """Whether the reminder itself comes late, because the scheduler was down."""
    return now - due_at > NOTICED_LATE_AFTER
