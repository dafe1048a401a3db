"""A calendar week, hour by hour: who would be told if a run began then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from accounts.rules.rota import instant
from accounts.rules.spans import Span
from stakeholders.rules.escalation import Tree
from stakeholders.rules.escalation_check import promised_within
from stakeholders.rules.escalation_told import Stretch

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class Cell(StrEnum):
    """How an hour stands."""

    COVERED = "covered"
    """Somebody is told at once, whenever in the hour it begins."""
    LATER = "later"
    """Somebody is told, though not at once."""
    PARTLY = "partly"
    """For a part of the hour nobody would ever be told."""
    NOBODY = "nobody"


@dataclass(frozen=True)
class WeekHour:
    """An hour by the clock of the zone. `after`: the longest wait in it until somebody is told; `names`: who is told first."""

    span: Span
    label: str
    cell: Cell
    promised: bool
    after: int | None
    names: tuple[str, ...]


@dataclass(frozen=True)
class WeekDay:
    """A day of 23, 24 or 25 hours."""

    day: date
    hours: tuple[WeekHour, ...]


def week_of(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The calendar week around `now`: Monday's first instant in the zone, and the next Monday's."""
    today = now.astimezone(zone).date()
    return days_from(today - timedelta(days=today.weekday()), zone)


def days_from(monday: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Seven days from this one on, as instants."""
    return instant(datetime.combine(monday, time()), zone), instant(datetime.combine(monday + 7 * _DAY, time()), zone)


def grid(tree: Tree, stretches: Sequence[Stretch], start: datetime, end: datetime, zone: ZoneInfo) -> tuple[WeekDay, ...]:
    """The window in hours of the zone's clock, by day. `stretches` cover the window."""
    promised = promised_within(tree, start, end)
    days: dict[date, list[WeekHour]] = {}
    seen: set[str] = set()
    at = start
    place = 0
    while at < end:
        span = Span(at, min(at + _HOUR, end))
        while stretches[place].span.end <= at:
            place += 1
        within = []
        for stretch in stretches[place:]:
            if stretch.span.start >= span.end:
                break
            within.append(stretch)
        local = at.astimezone(zone)
        label = f"{local:%H:%M}"
        # The hour that the clock shows twice is told apart by its offset.
        if f"{local.date()} {label}" in seen:
            label = f"{label} ({local:%Z})"
        seen.add(f"{local.date()} {label}")
        touched = any(one.start < span.end and one.end > span.start for one in promised)
        days.setdefault(local.date(), []).append(_hour(span, label, within, touched))
        at += _HOUR
    return tuple(WeekDay(day, tuple(hours)) for day, hours in days.items())


def _hour(span: Span, label: str, within: Sequence[Stretch], promised: bool) -> WeekHour:
    waits = [stretch.after for stretch in within]
    told = [wait for wait in waits if wait is not None]
    if not told:
        cell = Cell.NOBODY
    elif len(told) < len(waits):
        cell = Cell.PARTLY
    else:
        cell = Cell.LATER if max(told) else Cell.COVERED
    names = tuple(dict.fromkeys(name for stretch in within if stretch.steps for name in stretch.steps[0][1]))
    return WeekHour(span, label, cell, promised, max(told) if told else None, names)
