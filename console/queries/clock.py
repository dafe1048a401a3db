"""The clock of a promise and the decision behind it, as the room shows them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from accounts.models import User
from accounts.queries.availability import standings
from accounts.rules.duties import Duty
from approvals.rules.naming import listed
from console.queries.policy_words import consequences_by_names
from incidents.models import Incident, PolicyDecision, Snooze, UpdatePromise
from incidents.queries import decision_value
from incidents.queries.hearing import keepable
from incidents.queries.responsible import Responsible, responsible_for
from incidents.rules.milestones import DRAFTS, IN_WORDS, from_facts
from incidents.rules.words import MilestoneKind, Stage, Status, Step, UpdateKind
from notifications.queries.opening import told_at_opening
from policies.rules.explain import consequences_in_words, fact_name
from stakeholders.queries import audience_names

if TYPE_CHECKING:
    # The room's queries read this module.
    from console.queries.room import Provenance, Said

STEP_WORDS: dict[Step, str] = {
    Step.BEFORE: "Reminder before",
    Step.DUE: "Due",
    Step.AFTER: "Reminder after",
    Step.DEPUTY: "Deputy called in",
    Step.MANAGER: "Manager called in",
}


@dataclass(frozen=True)
class StepLine:
    """One step: when it comes or came, who is told, and how it went."""

    words: str
    due_at: datetime
    fired_at: datetime | None
    late: bool
    skipped: str
    people: str


@dataclass(frozen=True)
class Clock:
    """The running promise's steps, and the snooze that still runs."""

    steps: list[StepLine]
    snooze: Snooze | None


@dataclass(frozen=True)
class PromiseLine:
    """A promise that runs, and who waits for it (empty: any release answers it). It `stands_by` while none of them may be told."""

    promise: UpdatePromise
    who: str
    stands_by: bool


@dataclass(frozen=True)
class MilestoneLine:
    """A kind of milestone, the draft it calls for, and when it was last reached; `recorded` where somebody said so, else by the facts."""

    kind: str
    words: str
    draft: str
    at: datetime | None
    recorded: bool


def clock_of(promise: UpdatePromise | None, incident: Incident, now: datetime) -> Clock | None:
    """The clock, or none where nothing is promised. The first line is the notice of the opening."""
    if promise is None:
        return None
    rings = responsible_for(incident, now)
    opening = opening_line(incident)
    lines = [opening] if opening is not None else []
    lines += [
        StepLine(STEP_WORDS[Step(step.step)], step.due_at, step.fired_at, step.told_late, step.skipped, _told(Step(step.step), rings))
        for step in promise.steps.all()
    ]
    return Clock(lines, promise.snoozes.filter(until__gt=now).select_related("by").order_by("-until").first())


def opening_line(incident: Incident) -> StepLine | None:
    """Who was told when it opened; none where whoever opened it commands it."""
    told = told_at_opening(incident)
    if told is None:
        return None
    return StepLine("Opened", incident.opened_at, told.at, False, "", _names(list(told.people)))


def promises_of(running: Sequence[UpdatePromise], names: Mapping[str, str]) -> list[PromiseLine]:
    """The promises that run, those first that can be kept now; `names` are the audiences' by their keys."""
    able = keepable(running)
    lines = [
        PromiseLine(promise, listed(promise.untold, names) if promise.untold else "", stands_by=promise.pk not in able)
        for promise in running
    ]
    return sorted(lines, key=lambda line: line.stands_by)


def waited_for(kind: str, wrote: frozenset[str], now: datetime) -> str:
    """Who is called first for a review of that kind, of those who can give it now and wrote no part (`wrote` are persons)."""
    able = [standing for standing in standings(duty=Duty(kind), at=now, excluding=wrote) if standing.can_act]
    first = [standing.user for standing in able if standing.tier == able[0].tier]
    return _names(first) or "nobody who can give it now"


def milestones_of(incident: Incident, told: "Mapping[str, Provenance]", said: "Iterable[Said]") -> list[MilestoneLine]:
    """Every kind in the order in which they usually come: as recorded, else as the facts (`told` is who set them when) and releases say."""
    facts = from_facts(
        opened_at=incident.opened_at,
        confirmed_at=told["stage"].at if incident.stage == Stage.CONFIRMED else None,
        taken_at=told["commander"].at if incident.commander_id is not None else None,
        said=[(Status(one.status), one.release.released_at) for one in said if one.kind == UpdateKind.UPDATE],
    )
    reached: dict[str, datetime] = {}
    for milestone in incident.milestones.all():
        reached.setdefault(milestone.kind, milestone.at)
    return [
        MilestoneLine(
            kind.value,
            IN_WORDS[kind],
            DRAFTS[kind].value if kind in DRAFTS else "",
            reached.get(kind.value) or facts.get(kind),
            kind.value in reached,
        )
        for kind in MilestoneKind
    ]


def consequences_of(row: PolicyDecision) -> list[str]:
    """What follows from the decision, one sentence each."""
    return consequences_in_words(consequences_by_names(decision_value(row), audience_names()))


def facts_read(row: PolicyDecision) -> list[tuple[str, str]]:
    """The facts the decision was made over, in words."""
    return [(fact_name(name), _value(value)) for name, value in row.facts.items()]


def earlier_decisions(incident: Incident, limit: int = 20) -> list[PolicyDecision]:
    """What was in force before, newest first."""
    return list(incident.decisions.all()[1 : limit + 1])


def _value(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(word) for word in value) or "none"
    return str(value).replace("_", " ")


def _told(step: Step, rings: Responsible) -> str:
    people = list(rings.leads)
    if step in {Step.DEPUTY, Step.MANAGER}:
        people += rings.deputies
    if step is Step.MANAGER:
        people += rings.managers
    return _names(people)


def _names(people: list[User]) -> str:
    return ", ".join(user.get_full_name() for user in people)
