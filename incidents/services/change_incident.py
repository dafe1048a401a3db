"""Changing an incident's facts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.roles import Permission
from audit.services import UnitOfWork, unit_of_work
from catalogue.models import Component
from core.errors import InvalidInput, NotFound, StaleRevision
from core.events import publish
from incidents.events import IncidentChanged
from incidents.models import Incident, IncidentComponent
from incidents.queries import components_named, within_reach
from incidents.rules.fields import FLAGS, LISTS, LONGEST_REASON, incident_problems, tidy, unflags
from incidents.services.deciding import decide_again, derive_scope, settle_first_promise
from incidents.services.fact_words import in_words, plain
from incidents.services.grant_access import grant_to_those_responsible
from incidents.services.locking import lock_components
from incidents.services.timeline import note

# Facts that the policy reads.
DECIDING = (
    frozenset(
        {"severity", "impact", "stage", "category", "customer_facing", "restricted", "components", "outage_scope", "jurisdictions", "tags"}
    )
    | FLAGS
)


class Changes(TypedDict, total=False):
    """What may be changed. Status moves by releases alone.

    `outage_scope` as `None` lets the components' states decide again; a word is a person's own judgement.
    """

    title: str
    severity: str
    impact: str
    stage: str
    category: str
    customer_facing: bool
    restricted: bool
    tags: Sequence[str]
    outage_scope: str | None
    data_breach: bool
    regulated_system: bool
    regulatory_flags: Sequence[str]
    jurisdictions: Sequence[str]
    commander: User | None
    components: Iterable[Component | str]


def change_incident(
    *, actor: Actor, now: datetime, incident_id: int, expected_version: int | None = None, reason: str = "", **changes: Unpack[Changes]
) -> Incident:
    """Changes what is given; values that are already there change nothing. The policy decides again where it reads them.

    A person's own outage scope needs a `reason`, and so does taking off a flag, which is the lawyers' to do. Raises
    `StaleRevision` when the incident is not at `expected_version`, `NotFound` for a hidden one, `Forbidden`, `StepUpRequired`
    (to lift a restriction), `InvalidInput` naming the fields at fault.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        visible = within_reach(actor).filter(pk=incident_id)
        if not visible.exists():
            raise NotFound
        _require_may_change(actor, changes)
        given, components = _checked(changes)
        lock_components(components or [])
        incident = visible.select_for_update(of=("self",), no_key=True).first()
        if incident is None:
            raise NotFound
        if expected_version is not None and incident.version != expected_version:
            raise StaleRevision(f"The incident is at version {incident.version}, you changed {expected_version}. Load it and try again.")
        before = {name: getattr(incident, name) for name, value in given.items() if getattr(incident, name) != value}
        reason = _checked_reason(reason)
        _require_may_set(actor, incident, before, given, reason)
        if before.get("restricted"):
            # It shows the incident to everyone inside, and to the public what was released.
            actor.require_step_up(now)
        changed = _apply(incident, before, given | _scope_given(changes), components, actor=actor, reason=reason)
        if changed:
            _keep(work, incident, before, changed, actor=actor, reason=reason)
        return incident


def _apply(
    incident: Incident, before: dict[str, Any], given: Mapping[str, Any], components: list[Component] | None, *, actor: Actor, reason: str
) -> list[str]:
    """Sets the facts and follows the components; adds to `before` what changed with them. Returns the names of what changed."""
    changed = list(before)
    if components is not None and _replace_components(incident, components):
        changed.append("components")
    for name in before:
        setattr(incident, name, given[name])
    if "title" in before:
        incident.title_by = actor.user
    old_scope = _scope_of(incident)
    if "outage_scope" in given:
        _set_scope(actor, incident, given["outage_scope"], reason)
    derive_scope(incident)
    if _scope_of(incident) != old_scope:
        before["outage_scope"] = old_scope[0]
        changed.append("outage_scope")
    return changed


def _keep(work: UnitOfWork, incident: Incident, before: dict[str, Any], changed: list[str], *, actor: Actor, reason: str) -> None:
    """Saves, records, tells, and lets the policy decide again where it read what changed."""
    incident.version += 1
    incident.save()
    if incident.restricted and {"restricted", "commander"} & before.keys():
        grant_to_those_responsible(work, incident, actor)
    after = {name: getattr(incident, name) for name in before}
    body = {"before": plain(before), "after": plain(after), "fields": changed, "reason": reason}
    work.record("incident.changed", subject=f"incident:{incident.public_id}", body=body)
    words = in_words(before, incident, changed)
    note(incident, actor=actor, now=work.now, kind="changed", text=f"Changed: {words}" + (f" ({reason})" if reason else ""))
    if DECIDING & set(changed):
        settle_first_promise(incident, decide_again(work, incident, cause=words), work.now)
    publish(IncidentChanged(incident_id=incident.pk, fields=tuple(changed), actor=actor.ref, at=work.now))


def _set_scope(actor: Actor, incident: Incident, wanted: str | None, reason: str) -> None:
    """A person's own judgement of the scope, or none, so that the components decide. The caller saves.

    Raises `InvalidInput` for a judgement without a reason, and for one that no person makes.
    """
    if wanted is None:
        incident.outage_scope_set_by, incident.outage_scope_reason = None, ""
        return
    if wanted == incident.outage_scope and incident.outage_scope_set_by_id is not None and not reason:
        return
    if actor.user is None:
        raise InvalidInput(
            "Correct the fields named.", fields={"outage_scope": ["Only a person judges the scope; tools report components' states."]}
        )
    if not reason:
        raise InvalidInput("Correct the fields named.", fields={"reason": ["Say why you set the scope yourself."]})
    incident.outage_scope, incident.outage_scope_set_by, incident.outage_scope_reason = wanted, actor.user, reason


def _require_may_change(actor: Actor, changes: Changes) -> None:
    """Lawyers change flags without the right to change everything else."""
    if not (changes.keys() and changes.keys() <= FLAGS and actor.may(Permission.INCIDENT_UNFLAG)):
        actor.require(Permission.INCIDENT_WRITE)


def _checked(changes: Changes) -> tuple[dict[str, Any], list[Component] | None]:
    given: dict[str, Any] = dict(changes)
    components = components_named(given.pop("components")) if "components" in given else None
    if "title" in given:
        given["title"] = given["title"].strip()
    if found := incident_problems(given):
        raise InvalidInput("Correct the fields named.", fields=found)
    given.pop("outage_scope", None)
    return given | {name: tidy(given[name]) for name in LISTS if name in given}, components


def _checked_reason(reason: str) -> str:
    reason = reason.strip()
    if len(reason) > LONGEST_REASON or not (reason.isprintable() or not reason):
        raise InvalidInput("Correct the fields named.", fields={"reason": [f"One line of at most {LONGEST_REASON} characters."]})
    return reason


def _require_may_set(actor: Actor, incident: Incident, before: Mapping[str, Any], given: Mapping[str, Any], reason: str) -> None:
    """Who commands a restricted incident sees it: naming a commander is granting access. Flags come off by a lawyer with a reason."""
    if "restricted" in before or (incident.restricted and "commander" in before):
        actor.require(Permission.INCIDENT_RESTRICT)
    if any(unflags(name, before[name], given[name]) for name in before):
        actor.require(Permission.INCIDENT_UNFLAG)
        if not reason:
            raise InvalidInput("Correct the fields named.", fields={"reason": ["Say why the flag comes off."]})


def _scope_given(changes: Changes) -> dict[str, Any]:
    return {"outage_scope": changes["outage_scope"]} if "outage_scope" in changes else {}


def _scope_of(incident: Incident) -> tuple[str, Any, str]:
    return incident.outage_scope, incident.outage_scope_set_by_id, incident.outage_scope_reason


def _replace_components(incident: Incident, wanted: list[Component]) -> bool:
    there = set(incident.component_links.values_list("component_id", flat=True))
    keys = {component.pk for component in wanted}
    incident.component_links.exclude(component_id__in=keys).delete()
    IncidentComponent.objects.bulk_create(IncidentComponent(incident=incident, component_id=pk) for pk in sorted(keys - there))
    return there != keys
