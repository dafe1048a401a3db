"""When a weekly shift really happens. Its hours are the wall clock's of its zone, whatever the clock does that night."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.rules.spans import Span

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)
# No zone is further from UTC than this, so looking this much further finds every shift that touches a window.
_ZONES_REACH = timedelta(days=2)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class WeeklyShift:
    """Every `weekday` (Monday is 0) from `starts` to `ends`; an end that is not later than the start lies on the next day.

    It begins on no day before `valid_from` and none after `valid_until`.
    """

    user: str
    deputy: str | None
    weekday: int
    starts: time
    ends: time
    time_zone: str
    valid_from: date
    valid_until: date | None = None


@dataclass(frozen=True)
class Turn:
    """One occurrence of a shift: who has it, who stands in, and when."""

    user: str
    deputy: str | None
    span: Span


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which the clock on the wall first shows `local` (naive), in UTC.

    A time that the clock jumps over is the instant of the jump, so what ends then and what begins then still meet, and a
    later wall-clock time is never an earlier instant.
    """
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) == local:
        return first
    before, after = local.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    before_offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == before_offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def turns(shift: WeeklyShift, start: datetime, end: datetime) -> Iterator[Turn]:
    """The shift's occurrences that touch the window from `start` to `end`, in order."""
    zone = ZoneInfo(shift.time_zone)
    day = max(shift.valid_from, (start - _ZONES_REACH).date())
    day += timedelta(days=(shift.weekday - day.weekday()) % 7)
    last = (end + _ZONES_REACH).date()
    if shift.valid_until is not None:
        last = min(last, shift.valid_until)
    while day <= last:
        ends_on = day if shift.ends > shift.starts else day + _DAY
        span = Span(instant(datetime.combine(day, shift.starts), zone), instant(datetime.combine(ends_on, shift.ends), zone))
        if span.start < min(span.end, end) and span.end > start:
            yield Turn(shift.user, shift.deputy, span)
        day += timedelta(days=7)


def in_force(shift: WeeklyShift) -> Span:
    """From when until when there is such a shift at all: while any shift of a duty is in force, the duty has a rota."""
    zone = ZoneInfo(shift.time_zone)
    until = FOREVER if shift.valid_until is None else instant(datetime.combine(shift.valid_until + _DAY, time()), zone)
    return Span(instant(datetime.combine(shift.valid_from, time()), zone), until)
