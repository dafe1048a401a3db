"""What the rules of escalation read: trees, the people in them and how they can be reached, over a window of time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from accounts.rules.availability import Segment
from accounts.rules.rota import instant
from accounts.rules.spans import Span, merged

_DAY = timedelta(days=1)
# No zone is further from UTC, and no stretch of a day longer.
_REACH = timedelta(days=2)


class AddressState(StrEnum):
    """Whether something is sent to an address."""

    USABLE = "usable"
    STALE = "stale"
    """Confirmed so long ago that it is asked again; still written to."""
    PENDING = "pending"
    """Never confirmed: nothing is sent there."""
    SUPPRESSED = "suppressed"


SENT_TO = frozenset({AddressState.USABLE, AddressState.STALE})


@dataclass(frozen=True)
class Address:
    """One way to reach somebody. `why`: what keeps it from being used."""

    kind: str
    state: AddressState
    why: str = ""


@dataclass(frozen=True)
class Person:
    """Somebody who can be called. `quiet` and `absent` are the stretches of the window in which they are not to be called,
    apart and in order (`accounts.rules.spans.merged`)."""

    ref: str
    name: str
    addresses: tuple[Address, ...] = ()
    quiet: tuple[Span, ...] = ()
    absent: tuple[Span, ...] = ()
    active: bool = True

    @property
    def usable(self) -> int:
        """At how many addresses they can be reached."""
        return sum(1 for address in self.addresses if address.state in SENT_TO)


class TargetKind(StrEnum):
    """What a step tells."""

    PERSON = "person"
    DUTY = "duty"
    TREE = "tree"


@dataclass(frozen=True)
class Target:
    """`ref`: of a person, a duty or a tree's key; `ring` belongs to a duty. `name` is what pages call it."""

    kind: TargetKind
    ref: str
    ring: str = ""
    name: str = ""


@dataclass(frozen=True)
class Step:
    """Who is told together, and how many minutes before the next step."""

    wait: int
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True)
class Hours:
    """The hours in which somebody is promised to be reached: local times of `zone`; without times the whole of each day."""

    days: frozenset[int] = frozenset(range(7))
    starts: time | None = None
    ends: time | None = None
    zone: str = "UTC"


@dataclass(frozen=True)
class Tree:
    """Steps in order. `gives_up_after`: minutes from the start after which nothing more is told."""

    key: str
    name: str
    steps: tuple[Step, ...] = ()
    hours: Hours = Hours()
    wakes: bool = True
    gives_up_after: int = 240
    retired: bool = False


@dataclass(frozen=True)
class World:
    """Everything about a window of time. `duties` are cut where anything changes and name people by `person_of`."""

    trees: Mapping[str, Tree]
    people: Mapping[str, Person]
    duties: Mapping[str, tuple[Segment, ...]]
    person_of: Mapping[str, str]
    """Of each user in a duty the person's `ref`."""


def spans_of(hours: Hours, start: datetime, end: datetime) -> tuple[Span, ...]:
    """The hours as stretches that touch the window, in as few as there can be. An end not later than the start lies on the next day."""
    starts, ends, zone = hours.starts or time(), hours.ends or time(), ZoneInfo(hours.zone)
    day: date = (start - _REACH).date()
    last = (end + _REACH).date()
    found = []
    while day <= last:
        if day.weekday() in hours.days:
            until = day if ends > starts else day + _DAY
            span = Span(instant(datetime.combine(day, starts), zone), instant(datetime.combine(until, ends), zone))
            if span.start < end and span.end > start:
                found.append(span)
        day += _DAY
    return merged(found)
