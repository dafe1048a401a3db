"""The roster as its page shows it: per duty who can act now, the week ahead as a strip, and the hours nobody covers, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from accounts.models import RotaShift, User
from accounts.queries.availability import Gap, Standing, Stretch, coverage_in, standings_in, stretches_in
from accounts.queries.roster_facts import RosterFacts, roster_facts
from accounts.rules.availability import ON_DUTY, OTHERS, STANDS_IN, Cover, has_rota
from accounts.rules.duties import IN_WORDS, Duty
from accounts.rules.rota import instant

WEEK = timedelta(days=7)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Bar:
    """A piece of the strip: where it begins and how long it is, in hundredths of its width."""

    x: str
    width: str
    cover: str
    words: str


@dataclass(frozen=True)
class Hole:
    """A gap in words, and whether it lasts now."""

    gap: Gap
    words: str
    hours: str


@dataclass(frozen=True)
class Hours:
    """A stretch in words, with whom to ask in it."""

    stretch: Stretch
    words: str


@dataclass(frozen=True)
class DutyWeek:
    """One duty: who can act now, and the seven days from now on."""

    duty: Duty
    name: str
    has_rota: bool
    cover: Cover
    on_duty: list[Standing]
    stands_in: list[Standing]
    others: list[Standing]
    bars: list[Bar]
    holes: list[Hole]
    hours: list[Hours]
    uncovered: str

    @property
    def holders(self) -> int:
        """How many people hold the role at all."""
        return len(self.on_duty) + len(self.stands_in) + len(self.others)


def duty_weeks(now: datetime, zone: ZoneInfo) -> list[DutyWeek]:
    """Every duty from `now` on for seven days, in a constant number of queries."""
    facts = roster_facts(Duty, start=now, end=now + WEEK)
    return [_week(facts, duty, now, zone) for duty in Duty]


def _week(facts: RosterFacts, duty: Duty, now: datetime, zone: ZoneInfo) -> DutyWeek:
    end = now + WEEK
    places = standings_in(facts, duty=duty, at=now)
    stretches = stretches_in(facts, duty=duty, start=now, end=end)
    gaps = coverage_in(facts, duty=duty, start=now, end=end)
    return DutyWeek(
        duty=duty,
        name=IN_WORDS[duty].capitalize(),
        has_rota=has_rota(facts.rosters[duty], now),
        cover=stretches[0].cover,
        on_duty=[place for place in places if place.tier == ON_DUTY],
        stands_in=[place for place in places if place.tier == STANDS_IN],
        others=[place for place in places if place.tier == OTHERS],
        bars=list(_bars(stretches, now, zone)),
        holes=[Hole(gap, span_words(gap.starts_at, gap.ends_at, zone), hour_words(gap.ends_at - gap.starts_at)) for gap in gaps],
        hours=[Hours(one, span_words(one.starts_at, one.ends_at, zone)) for one in stretches],
        uncovered=hour_words(sum((gap.ends_at - gap.starts_at for gap in gaps), timedelta())),
    )


def _bars(stretches: list[Stretch], now: datetime, zone: ZoneInfo) -> Iterable[Bar]:
    # Neighbours that differ only in people are one piece here.
    for cover, group in groupby(stretches, key=lambda one: one.cover):
        pieces = list(group)
        start, end = pieces[0].starts_at, pieces[-1].ends_at
        yield Bar(_place(start, now), _place(now + (end - start), now), cover.value, span_words(start, end, zone))


def midnights(now: datetime, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Where the days begin on the strip, and what they are called; days by the clock of `zone`."""
    first = now.astimezone(zone).date()
    found = [(instant(datetime.combine(first + timedelta(days=n), time()), zone), first + timedelta(days=n)) for n in range(1, 8)]
    return [(_place(at, now), f"{DAYS[day.weekday()]} {day.day}") for at, day in found if at < now + WEEK]


def _place(at: datetime, now: datetime) -> str:
    return f"{(at - now) / WEEK * 100:.3f}%"


def span_words(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """From and until by the clock of `zone`, with UTC behind: `Fri 27 Nov, 18:00 – Mon 30 Nov, 15:00 (Fri 17:00 – Mon 14:00 UTC)`."""
    here, there = start.astimezone(zone), end.astimezone(zone)
    until = f"{there:%H:%M}" if here.date() == there.date() else f"{_day(there)}, {there:%H:%M}"
    words = f"{_day(here)}, {here:%H:%M} – {until}"
    if here.utcoffset() == there.utcoffset() == timedelta():
        return f"{words} UTC"
    a, b = start.astimezone(UTC), end.astimezone(UTC)
    return f"{words} ({DAYS[a.weekday()]} {a:%H:%M} – {DAYS[b.weekday()]} {b:%H:%M} UTC)"


def _day(at: datetime) -> str:
    return f"{DAYS[at.weekday()]} {at.day} {at:%b}"


def hour_words(length: timedelta) -> str:
    """`9 h`, `1 h 30 min`, `20 min`; empty for no time at all."""
    minutes = round(length.total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)


@dataclass(frozen=True)
class ShiftGroup:
    """Shifts that differ in their weekday alone."""

    duty: str
    user: User
    deputy: User | None
    first: RotaShift
    shifts: list[tuple[RotaShift, str]]

    @property
    def days(self) -> str:
        """`Mon–Fri`, or the days one by one."""
        numbers = [shift.weekday for shift, _ in self.shifts]
        if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
            return f"{DAYS[numbers[0]]}–{DAYS[numbers[-1]]}"
        return ", ".join(DAYS[number] for number in numbers)


def shift_groups(now: datetime) -> list[ShiftGroup]:
    """The rota in force and to come, by duty, weekdays together."""
    yesterday = now.date() - timedelta(days=1)
    rows = RotaShift.objects.select_related("user", "deputy").exclude(valid_until__lt=yesterday)
    order = {duty.value: number for number, duty in enumerate(Duty)}

    def alike(row: RotaShift) -> tuple[int, str, str, str, str, str, str]:
        hours = f"{row.starts}-{row.ends}"
        return order[row.duty], hours, row.time_zone, str(row.user_id), str(row.deputy_id), str(row.valid_from), str(row.valid_until)

    found = []
    for _, group in groupby(sorted(rows, key=lambda row: (*alike(row), row.weekday)), key=alike):
        shifts = list(group)
        first = shifts[0]
        name = IN_WORDS[Duty(first.duty)].capitalize()
        found.append(ShiftGroup(name, first.user, first.deputy, first, [(one, DAYS[one.weekday]) for one in shifts]))
    return found
