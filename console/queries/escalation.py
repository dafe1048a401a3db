"""What the pages about escalation show: trees with what is wrong with them, a week, runs and drills."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.rules.roles import Permission
from console.queries.roster import span_words
from notifications.queries.escalation import visible_runs
from stakeholders.models import Drill, EscalationRun, EscalationTree
from stakeholders.queries.escalation import drill_due_at, last_drills, overdue_drills
from stakeholders.queries.escalation_world import trees_by_key, world_of
from stakeholders.rules.escalation import Tree
from stakeholders.rules.escalation_check import check
from stakeholders.rules.escalation_findings import Finding, Level
from stakeholders.rules.escalation_told import Stretch, timeline
from stakeholders.rules.escalation_week import WeekDay, WeekHour, grid, week_of

AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class TreeRow:
    """A tree in the list. `worst`: the gravest level found on it, empty where there is nothing to mend."""

    tree: EscalationTree
    steps: int
    worst: str
    findings: int
    drilled_at: datetime | None
    drill_due_at: datetime | None


def tree_rows(trees: "QuerySet[EscalationTree]", now: datetime) -> list[TreeRow]:
    """Every tree with what the check finds in the seven days to come."""
    rules, last = trees_by_key(), last_drills()
    world = world_of(rules, rules, now, now + AHEAD)
    rows = []
    for tree in trees:
        found = check(world, tree.key, now, now + AHEAD) if tree.retired_at is None else []
        drilled = last.get(tree.pk)
        rows.append(
            TreeRow(tree, len(rules[tree.key].steps), found[0].level if found else "", len(found), drilled, drill_due_at(tree, drilled))
        )
    return rows


@dataclass(frozen=True)
class FoundWords:
    """A finding as the page shows it, its hours in words of the reader's zone."""

    finding: Finding
    hours: tuple[str, ...]
    more: int

    @property
    def level(self) -> Level:
        """How grave."""
        return self.finding.level


def found_words(found: list[Finding], zone: ZoneInfo) -> list[FoundWords]:
    """At most six stretches of each are spelled out."""
    return [
        FoundWords(
            one,
            tuple(span_words(span.start, span.end, zone) for span in one.spans[:6]),
            max(0, len(one.spans) - 6),
        )
        for one in found
    ]


@dataclass(frozen=True)
class GridCell:
    """What stands under one hour of the day: none where the clock skips it, two where it shows it twice."""

    hours: tuple[WeekHour, ...]


@dataclass(frozen=True)
class GridRow:
    """A day of the week."""

    day: date
    cells: tuple[GridCell, ...]


@dataclass(frozen=True)
class StretchWords:
    """Hours of the week in which a run tells the same: when, and (minutes, names) of each step."""

    words: str
    stretch: Stretch
    nobody: bool


@dataclass(frozen=True)
class Week:
    """A calendar week of a tree in a zone."""

    start: datetime
    end: datetime
    zone: str
    rows: tuple[GridRow, ...]
    stretches: tuple[StretchWords, ...]
    findings: list[FoundWords]


def week(tree: Tree, trees: Mapping[str, Tree], at: datetime, zone: ZoneInfo) -> Week:
    """The calendar week around `at`: who would be told, hour by hour, and what is wrong."""
    start, end = week_of(at, zone)
    known = {**trees, tree.key: tree}
    world = world_of(known, [tree.key], start, end)
    stretches = timeline(world, tree.key, start, end)
    return Week(
        start=start,
        end=end,
        zone=zone.key,
        rows=tuple(_row(day) for day in grid(tree, stretches, start, end, zone)),
        stretches=tuple(StretchWords(span_words(one.span.start, one.span.end, zone), one, one.after is None) for one in stretches),
        findings=found_words(check(world, tree.key, start, end), zone),
    )


def _row(day: WeekDay) -> GridRow:
    return GridRow(
        day.day, tuple(GridCell(tuple(hour for hour in day.hours if hour.label.startswith(f"{number:02d}:"))) for number in range(24))
    )


@dataclass(frozen=True)
class OnTheBoard:
    """Escalations that nobody has answered, and drills that should have been."""

    runs: list[EscalationRun]
    overdue: list[tuple[EscalationTree, datetime]]

    def __bool__(self) -> bool:
        return bool(self.runs or self.overdue)


def on_the_board(actor: Actor, now: datetime) -> OnTheBoard:
    """What the board shows of escalation to this person."""
    runs = visible_runs(actor).filter(ended_at__isnull=True, drill__isnull=True).order_by("started_at")
    return OnTheBoard(list(runs[:20]), overdue_drills(now) if actor.may(Permission.DRILL_RUN) else [])


def recent_drills(drills: "QuerySet[Drill]") -> list[Drill]:
    """Planned and running ones first, then those that are over."""
    listed = list(drills.order_by("-planned_for", "-pk")[:50])
    return sorted(listed, key=lambda drill: drill.closed_at is not None or drill.cancelled_at is not None)
