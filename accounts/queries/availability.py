"""Who can act now and in the days to come: the one answer that review, escalation and the roster's page share.

The functions for one duty are shorthands; who asks for many duties or many instants reads `roster_facts` once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import User
from accounts.queries.roster_facts import RosterFacts, roster_facts
from accounts.rules import availability as rules
from accounts.rules.discount import Discount
from accounts.rules.duties import Duty

# An instant as the shortest window.
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Standing:
    """One holder's place: `tier` 0 is on duty, 1 deputy or stand-in, 2 the others; `reasons` are what keeps them from acting."""

    user: User
    can_act: bool
    tier: int
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Gap:
    """A stretch in which nobody on duty can act. `nobody_at_all`: nor anyone else who holds the role."""

    starts_at: datetime
    ends_at: datetime
    nobody_at_all: bool


@dataclass(frozen=True)
class Stretch:
    """A stretch in which nothing changes, with its people."""

    starts_at: datetime
    ends_at: datetime
    on_duty: tuple[User, ...]
    deputies: tuple[User, ...]
    cover: rules.Cover


def standings(*, duty: Duty, at: datetime, excluding: frozenset[str] = frozenset(), training_required: bool = True) -> list[Standing]:
    """Every holder of the duty, those to ask first before the others. `excluding` are person ids (`User.person`)."""
    facts = roster_facts([duty], start=at, end=at + _MOMENT)
    return standings_in(facts, duty=duty, at=at, excluding=excluding, training_required=training_required)


def standings_in(
    facts: RosterFacts, *, duty: Duty, at: datetime, excluding: frozenset[str] = frozenset(), training_required: bool = True
) -> list[Standing]:
    """The same from facts read before, without a query."""
    found = rules.places(facts.rosters[duty], at, excluding=excluding, training_required=training_required)
    return [Standing(facts.people[place.user], place.can_act, place.tier, place.reasons) for place in found]


def facts_at(duties: Iterable[Duty], at: datetime, discount: Discount | None = None) -> RosterFacts:
    """What `standings_in` reads for one instant, however many duties and updates ask."""
    return roster_facts(duties, start=at, end=at + _MOMENT, discount=discount)


def on_duty(*, duty: Duty, at: datetime) -> list[User]:
    """Whom to ask now: per running shift its holder, else who took it over, else the deputy. Without a rota every holder."""
    facts = facts_at([duty], at)
    return facts.people_of(rules.on_duty(facts.rosters[duty], at))


def deputies_of(*, duty: Duty, at: datetime) -> list[User]:
    """Who stands behind those on duty and can act."""
    facts = facts_at([duty], at)
    return facts.people_of(rules.deputies(facts.rosters[duty], at))


def manager_on_duty(at: datetime) -> User | None:
    """Whom to call when deputies do not answer; somebody else with the role where the rota names nobody who is there."""
    facts = facts_at([Duty.MANAGER_ON_DUTY], at)
    found = [place.user for place in rules.places(facts.rosters[Duty.MANAGER_ON_DUTY], at) if place.can_act]
    first = rules.on_duty(facts.rosters[Duty.MANAGER_ON_DUTY], at)
    return next(iter(facts.people_of([*first, *found])), None)


def stretches_in(facts: RosterFacts, *, duty: Duty, start: datetime, end: datetime) -> list[Stretch]:
    """The window cut where anything changes."""
    return [
        Stretch(
            starts_at=segment.span.start,
            ends_at=segment.span.end,
            on_duty=tuple(facts.people_of(segment.on_duty)),
            deputies=tuple(facts.people_of(segment.deputies)),
            cover=segment.cover,
        )
        for segment in rules.segments(facts.rosters[duty], start, end)
    ]


def coverage(*, duty: Duty, start: datetime, end: datetime) -> list[Gap]:
    """The hours in which nobody on duty can act."""
    return coverage_in(roster_facts([duty], start=start, end=end), duty=duty, start=start, end=end)


def coverage_in(facts: RosterFacts, *, duty: Duty, start: datetime, end: datetime) -> list[Gap]:
    """The same from facts read before, without a query."""
    found = rules.segments(facts.rosters[duty], start, end)
    return [
        Gap(segment.span.start, segment.span.end, segment.cover is rules.Cover.NOBODY)
        for segment in found
        if segment.cover is not rules.Cover.COVERED
    ]
