"""Changing an incident's facts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypedDict, Unpack

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from catalogue.models import Component
from core.errors import InvalidInput, NotFound, StaleRevision
from core.events import publish
from incidents.events import IncidentChanged
from incidents.models import Incident, IncidentComponent
from incidents.queries import components_named, within_reach
from incidents.rules.fields import incident_problems
from incidents.services.deciding import decide_again, settle_first_promise
from incidents.services.grant_access import grant_to_those_responsible
from incidents.services.timeline import note

DECIDING = frozenset({"severity", "impact", "stage", "category", "customer_facing", "restricted"})


class Changes(TypedDict, total=False):
    """What may be changed. Status moves by releases alone."""

    title: str
    severity: str
    impact: str
    stage: str
    category: str
    customer_facing: bool
    restricted: bool
    commander: User | None
    components: Iterable[Component | str]


def change_incident(
    *, actor: Actor, now: datetime, incident_id: int, expected_version: int | None = None, **changes: Unpack[Changes]
) -> Incident:
    """Changes what is given; values that are already there change nothing. The policy decides again where it reads them.

    Raises `StaleRevision` when the incident is not at `expected_version`, `NotFound` for a hidden one, `Forbidden`,
    `InvalidInput` naming the fields at fault.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        incident = within_reach(actor).select_for_update(of=("self",), no_key=True).filter(pk=incident_id).first()
        if incident is None:
            raise NotFound
        actor.require(Permission.INCIDENT_WRITE)
        if expected_version is not None and incident.version != expected_version:
            raise StaleRevision(f"The incident is at version {incident.version}, you changed {expected_version}. Load it and try again.")
        given, wanted_components = _checked(changes)
        before = {name: getattr(incident, name) for name, value in given.items() if getattr(incident, name) != value}
        if "restricted" in before or (incident.restricted and "commander" in before):
            # Who commands a restricted incident sees it: naming a commander is granting access.
            actor.require(Permission.INCIDENT_RESTRICT)
        changed = list(before)
        if wanted_components is not None and _replace_components(incident, wanted_components):
            changed.append("components")
        if not changed:
            return incident
        for name in before:
            setattr(incident, name, given[name])
        incident.version += 1
        incident.save(update_fields=[*before, "version"])
        if incident.restricted and {"restricted", "commander"} & before.keys():
            grant_to_those_responsible(work, incident, actor)
        work.record(
            "incident.changed",
            subject=f"incident:{incident.public_id}",
            body={"before": _plain(before), "after": _plain({name: given[name] for name in before}), "fields": changed},
        )
        note(incident, actor=actor, now=now, kind="changed", text=_in_words(before, incident, changed))
        if DECIDING & before.keys():
            settle_first_promise(incident, decide_again(work, incident), now)
        publish(IncidentChanged(incident_id=incident.pk, fields=tuple(changed), actor=actor.ref, at=now))
        return incident


def _checked(changes: Changes) -> tuple[dict[str, Any], list[Component] | None]:
    given: dict[str, Any] = dict(changes)
    components = components_named(given.pop("components")) if "components" in given else None
    if "title" in given:
        given["title"] = given["title"].strip()
    if found := incident_problems(given):
        raise InvalidInput("Correct the fields named.", fields=found)
    return given, components


def _replace_components(incident: Incident, wanted: list[Component]) -> bool:
    there = set(incident.component_links.values_list("component_id", flat=True))
    keys = {component.pk for component in wanted}
    incident.component_links.exclude(component_id__in=keys).delete()
    IncidentComponent.objects.bulk_create(IncidentComponent(incident=incident, component_id=pk) for pk in sorted(keys - there))
    return there != keys


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value.pk) if isinstance(value, User) else value for name, value in values.items()}


def _in_words(before: Mapping[str, Any], incident: Incident, changed: list[str]) -> str:
    parts = [
        f"{name.replace('_', ' ')} {_word(before[name])} → {_word(getattr(incident, name))}" if name in before else f"{name} changed"
        for name in changed
    ]
    return "Changed: " + ", ".join(parts)


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.get_full_name() if isinstance(value, User) else str(value or "nobody")
