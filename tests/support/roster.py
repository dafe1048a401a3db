"""Rota, absences, handovers and training as rows, for tests that only need them to be there."""

from datetime import date, datetime, time, timedelta

from accounts.models import Absence, Delegation, RotaShift, TrainingRecord, User
from accounts.rules.duties import Duty
from accounts.rules.training import Source
from tests.support.cast import NOW

WHOLE_DAY = time(0)


def on_rota(
    duty: Duty, user: User, deputy: User | None = None, *, weekday: int = 0, starts: time = WHOLE_DAY, ends: time = WHOLE_DAY
) -> RotaShift:
    """A weekly shift in UTC, of a whole day unless told otherwise. `NOW` is a Monday."""
    return RotaShift.objects.create(
        duty=duty, user=user, deputy=deputy, weekday=weekday, starts=starts, ends=ends, time_zone="UTC", valid_from=date(2026, 1, 1)
    )


def away(user: User, *, since: datetime = NOW, hours: int = 24) -> Absence:
    """Absent for some hours, as they entered themselves."""
    return Absence.objects.create(user=user, starts_at=since, ends_at=since + timedelta(hours=hours), recorded_by=user, made_at=since)


def handed_over(duty: Duty, giver: User, taker: User, *, since: datetime = NOW, hours: int = 24) -> Delegation:
    """A duty handed over for some hours."""
    return Delegation.objects.create(
        duty=duty, giver=giver, taker=taker, starts_at=since, ends_at=since + timedelta(hours=hours), reason="Swap", made_at=since
    )


def untrained(user: User, *, now: datetime = NOW) -> None:
    """All that the person was trained in is withdrawn."""
    TrainingRecord.objects.filter(user=user, withdrawn_at=None).update(withdrawn_at=now, withdrawn_reason="For this test")


def trained(user: User, duty: Duty, *, at: datetime, until: datetime) -> TrainingRecord:
    """A course."""
    return TrainingRecord.objects.create(user=user, duty=duty, source=Source.COURSE, at=at, valid_until=until)
