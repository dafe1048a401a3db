"""Gathers what the rules of escalation read: trees, people with their addresses, duties, over a window of time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from accounts.models import Absence, User
from accounts.queries.roster_facts import RosterFacts, roster_facts
from accounts.rules import availability
from accounts.rules.duties import Duty
from accounts.rules.spans import Span, merged
from stakeholders.models import ContactPoint, EscalationTarget, EscalationTree, Stakeholder
from stakeholders.rules.escalation import Address, AddressState, Hours, Person, Step, Target, TargetKind, Tree, World, spans_of
from stakeholders.rules.escalation_told import duty_words
from stakeholders.rules.kinds import VerificationState


def stakeholder_ref(pk: int) -> str:
    """Whoever is in the register."""
    return f"stakeholder:{pk}"


def user_ref(pk: object) -> str:
    """A colleague who is not in the register: told at the address they sign in with."""
    return f"user:{pk}"


def trees_by_key() -> dict[str, Tree]:
    """Every tree, as the rules read it."""
    rows = EscalationTree.objects.prefetch_related("steps__targets__stakeholder", "steps__targets__tree")
    return {row.key: as_rule(row) for row in rows}


def as_rule(row: EscalationTree) -> Tree:
    """One tree. Uses prefetched steps and targets where there are any."""
    return Tree(
        key=row.key,
        name=row.name,
        steps=tuple(Step(step.wait_minutes, tuple(as_target(target) for target in step.targets.all())) for step in row.steps.all()),
        hours=Hours(frozenset(row.covered_days), row.covered_from, row.covered_until, row.time_zone),
        wakes=row.wakes,
        gives_up_after=row.gives_up_after,
        retired=row.retired_at is not None,
    )


def as_target(row: EscalationTarget) -> Target:
    """One target, with the name that a page shows."""
    if row.stakeholder is not None:
        return Target(TargetKind.PERSON, stakeholder_ref(row.stakeholder.pk), name=row.stakeholder.name)
    if row.tree is not None:
        return Target(TargetKind.TREE, row.tree.key, name=row.tree.name)
    made = Target(TargetKind.DUTY, row.duty, row.ring)
    return Target(made.kind, made.ref, made.ring, duty_words(made))


def world_of(trees: Mapping[str, Tree], keys: Iterable[str], start: datetime, end: datetime) -> World:
    """What these trees, and all that they name, find between `start` and `end`. Runs that begin before `end` are followed to theirs."""
    asked = list(keys)
    reached: dict[str, None] = {}
    waiting = list(asked)
    while waiting:
        key = waiting.pop()
        if key in trees and key not in reached:
            reached[key] = None
            waiting += [t.ref for step in trees[key].steps for t in step.targets if t.kind is TargetKind.TREE]
    targets = [target for key in reached for step in trees[key].steps for target in step.targets]
    until = end + timedelta(minutes=max((trees[key].gives_up_after for key in asked if key in trees), default=0))
    people, duties, person_of = people_and_duties(targets, start, until)
    return World(trees, people, duties, person_of)


def people_and_duties(
    targets: Iterable[Target], start: datetime, end: datetime
) -> tuple[dict[str, Person], dict[str, tuple[availability.Segment, ...]], dict[str, str]]:
    """Whoever the targets name: people by their ref, duties cut where anything changes, and who of the register each user is."""
    named = list(targets)
    wanted = sorted({Duty(target.ref) for target in named if target.kind is TargetKind.DUTY})
    facts = roster_facts(wanted, start=start, end=end) if wanted else RosterFacts({}, {})
    duties = {duty.value: tuple(availability.segments(facts.rosters[duty], start, end)) for duty in wanted}
    on_call = {user for segments in duties.values() for one in segments for user in (*one.on_duty, *one.deputies)}
    pks = {int(target.ref.partition(":")[2]) for target in named if target.kind is TargetKind.PERSON}
    rows = Stakeholder.objects.filter(pk__in=pks) | Stakeholder.objects.filter(user__in=[UUID(user) for user in on_call])
    stakeholders = list(rows.select_related("user"))
    points: dict[int, list[Address]] = defaultdict(list)
    for point in ContactPoint.objects.filter(stakeholder__in=stakeholders, removed_at__isnull=True):
        points[point.stakeholder_id].append(_address(point))
    absent = _absences([one.user_id for one in stakeholders if one.user_id], start)
    people = {stakeholder_ref(one.pk): _person(one, points[one.pk], absent, start, end) for one in stakeholders}
    person_of = {str(one.user_id): stakeholder_ref(one.pk) for one in stakeholders if one.user_id}
    for user in on_call - person_of.keys():
        person_of[user] = user_ref(user)
        people[user_ref(user)] = _colleague(facts.people[user])
    return people, duties, person_of


def _person(row: Stakeholder, addresses: list[Address], absent: Mapping[str, list[Span]], start: datetime, end: datetime) -> Person:
    quiet: tuple[Span, ...] = ()
    if row.quiet_from is not None and row.quiet_until is not None:
        quiet = spans_of(Hours(starts=row.quiet_from, ends=row.quiet_until, zone=row.time_zone), start, end)
    away = merged(absent.get(str(row.user_id), ()))
    # An entry of the register without an account is not one that lost its account.
    active = row.user is None or row.user.is_active
    found = tuple(addresses)
    if not found and row.user is not None and row.user.email:
        found = (Address("email", AddressState.USABLE),)
    return Person(stakeholder_ref(row.pk), row.name, found, quiet, away, active)


def _colleague(user: User) -> Person:
    # The roster has taken out the times in which they are away.
    addresses = (Address("email", AddressState.USABLE),) if user.email else ()
    return Person(user_ref(user.pk), user.get_full_name(), addresses)


def _address(point: ContactPoint) -> Address:
    if point.suppressed_at is not None:
        return Address(point.kind, AddressState.SUPPRESSED, point.suppression_reason)
    known = {VerificationState.PENDING: AddressState.PENDING, VerificationState.STALE: AddressState.STALE}
    return Address(point.kind, known.get(VerificationState(point.verification), AddressState.USABLE))


def _absences(users: list[UUID], start: datetime) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = defaultdict(list)
    for user, begins, ends in Absence.objects.filter(user__in=users, ends_at__gt=start).values_list("user_id", "starts_at", "ends_at"):
        found[str(user)].append(Span(begins, ends))
    return found
