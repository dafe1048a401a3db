"""Whom a step tells at an instant. Simulation, check and the run itself ask here, so that they never differ."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from accounts.rules.availability import Segment
from accounts.rules.duties import IN_WORDS, Duty
from accounts.rules.spans import Span
from stakeholders.rules.escalation import Address, AddressState, Person, Target, TargetKind, World
from stakeholders.rules.escalation_plan import Plan, plan_of
from stakeholders.rules.escalation_words import Ring

_NOT_USED = {AddressState.PENDING: "waits for its confirmation", AddressState.SUPPRESSED: "is suppressed"}


@dataclass(frozen=True)
class Told:
    """One who is told, or whom the step passes over and why. `ref` is empty where a duty has nobody."""

    ref: str
    name: str
    passed_over: str = ""


def who(world: World, targets: Sequence[Target], at: datetime, *, wakes: bool) -> tuple[Told, ...]:
    """Everybody whom these targets name at this instant, each once, in their order."""
    found: dict[str, Told] = {}
    for target in targets:
        for told in _of(world, target, at, wakes):
            found.setdefault(told.ref or told.name, told)
    return tuple(found.values())


def _of(world: World, target: Target, at: datetime, wakes: bool) -> Iterator[Told]:
    if target.kind is TargetKind.PERSON:
        person = world.people.get(target.ref)
        if person is None:
            yield Told("", target.name, "is no longer in the register")
        else:
            yield Told(person.ref, person.name, why_not(person, at, wakes=wakes))
        return
    segment = segment_at(world.duties.get(target.ref, ()), at)
    users = () if segment is None else segment.deputies if target.ring == Ring.DEPUTIES else segment.on_duty
    people = [world.people[world.person_of[user]] for user in users if world.person_of.get(user) in world.people]
    for person in people:
        yield Told(person.ref, person.name, why_not(person, at, wakes=wakes))
    if not people:
        yield Told("", duty_words(target), "no deputy can act" if target.ring == Ring.DEPUTIES else "nobody is on duty who can act")


def duty_words(target: Target) -> str:
    """The duty as a page names it."""
    duty = Duty(target.ref)
    if duty is Duty.MANAGER_ON_DUTY and target.ring != Ring.DEPUTIES:
        return IN_WORDS[duty]
    words = IN_WORDS[duty]
    return f"deputies, {words}" if target.ring == Ring.DEPUTIES else f"on duty, {words}"


def why_not(person: Person, at: datetime, *, wakes: bool) -> str:
    """What keeps somebody from being told at this instant, in words; empty: they are told."""
    if not person.active:
        return "may no longer sign in"
    if not person.usable:
        return no_address(person.addresses)
    back = _end_of(person.absent, at)
    if back is not None:
        return f"absent until {back.day} {back:%B %Y, %H:%M} UTC"
    if not wakes and _end_of(person.quiet, at) is not None:
        return "in their quiet hours"
    return ""


def _end_of(spans: Sequence[Span], at: datetime) -> datetime | None:
    """The end of the stretch that holds the instant; they are apart and in order."""
    place = bisect_right(spans, at, key=_start) - 1
    return spans[place].end if place >= 0 and at < spans[place].end else None


def _start(span: Span) -> datetime:
    return span.start


def no_address(addresses: Sequence[Address]) -> str:
    """Why nobody is reached at these addresses, of which none is usable."""
    if not addresses:
        return "has no address"
    said = [f"{address.kind} {_NOT_USED[address.state]}" for address in addresses if address.state in _NOT_USED]
    return "; ".join(dict.fromkeys(said))


def segment_at(segments: Sequence[Segment], at: datetime) -> Segment | None:
    """The stretch that holds the instant; they follow each other in order."""
    place = bisect_right(segments, at, key=lambda segment: segment.span.start) - 1
    return segments[place] if place >= 0 and segments[place].span.holds(at) else None


@dataclass(frozen=True)
class Firing:
    """One step of a run that would begin at some instant: when it comes and whom it tells."""

    at: datetime
    offset: int
    path: tuple[str, ...]
    position: int
    told: tuple[Told, ...]

    @property
    def reached(self) -> tuple[str, ...]:
        """The names of those who are told."""
        return tuple(one.name for one in self.told if not one.passed_over)


def simulate(world: World, key: str, start: datetime, plan: Plan | None = None) -> tuple[Firing, ...]:
    """What a run that began at `start` and that nobody answered would tell. Times are instants: a change of the clock moves nothing."""
    wakes = world.trees[key].wakes
    return tuple(
        Firing(
            at=start + timedelta(minutes=step.offset),
            offset=step.offset,
            path=step.path,
            position=step.position,
            told=who(world, step.targets, start + timedelta(minutes=step.offset), wakes=wakes),
        )
        for step in (plan or plan_of(world.trees, key)).steps
    )


@dataclass(frozen=True)
class Stretch:
    """Runs that begin in this stretch tell the same. `after`: minutes until somebody is told; none: nobody ever is.

    `steps`: (minutes, names) of each step that tells anybody, `passed_over`: (name, why) of those it does not.
    """

    span: Span
    after: int | None
    steps: tuple[tuple[int, tuple[str, ...]], ...]
    passed_over: tuple[tuple[str, str], ...]


def timeline(world: World, key: str, start: datetime, end: datetime) -> tuple[Stretch, ...]:
    """The window cut where anything changes for a run that begins then, neighbours that are alike joined."""
    plan = plan_of(world.trees, key)
    found: list[Stretch] = []
    for left, right in pairwise(_edges(world, key, plan, start, end)):
        made = _stretch(simulate(world, key, left, plan), Span(left, right))
        last = found[-1] if found else None
        if last and (last.steps, last.passed_over) == (made.steps, made.passed_over):
            found[-1] = Stretch(Span(last.span.start, right), last.after, last.steps, last.passed_over)
        else:
            found.append(made)
    return tuple(found)


def _stretch(firings: Sequence[Firing], span: Span) -> Stretch:
    steps = tuple((firing.offset, firing.reached) for firing in firings if firing.reached)
    passed = dict.fromkeys((told.name, told.passed_over) for firing in firings for told in firing.told if told.passed_over)
    return Stretch(span, steps[0][0] if steps else None, steps, tuple(passed))


def _edges(world: World, key: str, plan: Plan, start: datetime, end: datetime) -> list[datetime]:
    """Every instant of the window at which a run that begins then may tell otherwise than one that begins just before."""
    found = {start, end}
    for step in plan.steps:
        shift = timedelta(minutes=step.offset)
        for span in _spans_of(world, step.targets, quiet=not world.trees[key].wakes):
            found |= {edge - shift for edge in (span.start, span.end) if start < edge - shift < end}
    return sorted(found) if start < end else []


def _spans_of(world: World, targets: Sequence[Target], *, quiet: bool) -> Iterator[Span]:
    for target in targets:
        people: list[Person | None] = []
        if target.kind is TargetKind.PERSON:
            people = [world.people.get(target.ref)]
        else:
            for segment in world.duties.get(target.ref, ()):
                yield segment.span
                people += [world.people.get(world.person_of.get(user, "")) for user in (*segment.on_duty, *segment.deputies)]
        for person in people:
            if person is not None:
                yield from person.absent
                if quiet:
                    yield from person.quiet
