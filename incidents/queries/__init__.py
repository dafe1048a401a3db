"""Reads on behalf of somebody. Everything starts with `visible_to`; what is hidden is as if it did not exist."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.actors import Actor, ActorKind
from accounts.models import Team, User
from catalogue.models import Component
from core.errors import InvalidInput, NotFound
from incidents.models import EtrAssessment, Incident, PolicyDecision, Update, UpdatePromise
from incidents.models.incident import IncidentGroupObjectPermission, IncidentQuerySet, IncidentUserObjectPermission
from incidents.rules.content import Content
from incidents.rules.words import ON_ITS_WAY, Status, UpdateState
from policies.rules.decision import Decision, Outcome, ReviewKind, ReviewRequirement
from policies.rules.facts import Facts
from policies.rules.urgency import urgency_of
from stakeholders.queries import outside_scope


def within_reach(actor: Actor) -> IncidentQuerySet:
    """What the actor may act upon: what they see. A source reports blindly, also on what was restricted since."""
    return Incident.objects.all() if actor.kind is ActorKind.SOURCE else Incident.objects.visible_to(actor)


def visible_incident(actor: Actor, public_id: str) -> Incident:
    """The incident; raises `NotFound` for a missing and for a hidden one alike."""
    incident = Incident.objects.visible_to(actor).select_related("commander").filter(public_id=public_id).first()
    if incident is None:
        raise NotFound
    return incident


def people_granted(incident: Incident) -> QuerySet[User]:
    """Active people who were granted the incident by name, whether it is restricted now or not."""
    granted = IncidentUserObjectPermission.objects.filter(content_object=incident).values("user")
    return User.objects.filter(pk__in=granted, is_active=True).order_by("username")


def teams_granted(incident: Incident) -> QuerySet[Team]:
    """Teams that were granted the incident: whoever is in one sees it."""
    granted = IncidentGroupObjectPermission.objects.filter(content_object=incident).values("group")
    return Team.objects.filter(group__in=granted).order_by("name")


def visible_update(actor: Actor, public_id: str) -> Update:
    """The update with its incident and current revision; raises `NotFound` for a missing and for a hidden one alike."""
    visible = Incident.objects.visible_to(actor)
    update = Update.objects.select_related("incident", "current").filter(incident__in=visible, public_id=public_id).first()
    if update is None:
        raise NotFound
    return update


def correction_on_its_way(wrong: Update) -> Update | None:
    """The correction or retraction of it that is neither released nor withdrawn, if one is."""
    return wrong.corrected_by.filter(state__in=ON_ITS_WAY).first()


def current_decision(incident: Incident) -> PolicyDecision:
    """The policy's decision in force for the incident."""
    return incident.decisions.all()[0]


def decision_value(row: PolicyDecision) -> Decision:
    """The stored decision as the value the policy made. What a decision of earlier times does not name takes its default;
    its urgency is what the facts it read come to.
    """
    if row.consequences:
        read = Decision.from_json(row.consequences)
        return read if read.urgency else replace(read, urgency=urgency_of(Facts.from_json(row.facts)))
    return Decision(
        outcome=Outcome(row.outcome),
        rule_key=row.rule_key,
        rule_words=row.rule_words,
        cadence=row.cadence,
        reviews=tuple(ReviewRequirement(ReviewKind(review["kind"]), review["window_minutes"]) for review in row.reviews),
        audiences=tuple(row.audiences),
        publishes_watching=row.publishes_watching,
        policy_version=row.policy_version,
        urgency=urgency_of(Facts.from_json(row.facts)),
    )


def current_etr(incident: Incident, at: datetime) -> EtrAssessment | None:
    """What the engineers expect at that time: the newest assessment, unless it has expired or was taken back."""
    newest = incident.etr_assessments.select_related("engineer").first()
    return newest if newest is not None and newest.expected_at is not None and newest.expires_at > at else None


def outside_scope_of(incident: Incident, audience_keys: Iterable[str]) -> dict[str, str]:
    """Of these audiences, those bound to other things than this incident, each with the reason in words."""
    affected = incident.components.values_list("key", flat=True)
    return outside_scope(audience_keys, customer_facing=incident.customer_facing, components=affected)


def open_promise(incident: Incident) -> UpdatePromise | None:
    """The promise of a next update that falls due first, if one is running."""
    return open_promises(incident).first()


def open_promises(incident: Incident) -> "QuerySet[UpdatePromise]":
    """The promises that run, first due first: several where not everybody read the last update."""
    return incident.promises.filter(closed_at__isnull=True).order_by("due_at", "id")


def told(incident: Incident) -> frozenset[str]:
    """The audiences that any released update of the incident went to."""
    return _readers(_said(incident))


def untold_of_the_end(incident: Incident) -> frozenset[str]:
    """Of these, the ones that no release has told that the incident is resolved; empty while it is not."""
    if incident.status != Status.RESOLVED:
        return frozenset()
    said = _said(incident)
    return _readers(said) - _readers([content for content in said if content.status == Status.RESOLVED])


def _said(incident: Incident) -> list[Content]:
    released = incident.updates.filter(state=UpdateState.RELEASED).select_related("current")
    return [update.current.parsed() for update in released if update.current]


def _readers(said: Iterable[Content]) -> frozenset[str]:
    return frozenset(key for content in said for key in content.audiences)


def components_named(names: Iterable[Component | str]) -> list[Component]:
    """Components by public id or key. Raises `InvalidInput` naming those that do not exist."""
    given = list(names)
    wanted = {name for name in given if isinstance(name, str)}
    found = Component.objects.filter(Q(public_id__in=wanted) | Q(key__in=wanted)) if wanted else []
    by_name = {name: component for component in found for name in (component.key, component.public_id)}
    if missing := sorted(wanted - by_name.keys()):
        sentences = [f"There is no component “{name}”; give a public id or key as GET components/ lists them." for name in missing]
        raise InvalidInput("Some components do not exist.", fields={"components": sentences})
    chosen = [by_name[name] if isinstance(name, str) else name for name in given]
    return list({component.pk: component for component in chosen}.values())
