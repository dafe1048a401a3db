"""The order in which incidents and components are locked, so that nobody waits in a circle.

Components come first, by key, then incidents, by key. A component's new state decides over every open incident that it
affects, so whoever may change one locks those incidents too, and all of them before changing anything.
"""

from collections.abc import Collection, Iterable
from typing import TypeVar

from catalogue.models import Component
from core.errors import Busy
from incidents.models import Incident, IncidentComponent, Update
from incidents.rules.words import Status

Row = TypeVar("Row", Component, Incident)


def lock_components(components: Iterable[Component]) -> None:
    """Their rows, so that no state changes meanwhile."""
    list(_in_order(Component, (component.pk for component in components)))


def lock_incident_for_release(update: Update) -> Incident:
    """The update's incident, locked as `lock_with_components` says, with the components that its current revision names."""
    said = update.current.content["facts"]["components"] if update.current else []
    named = Component.objects.filter(public_id__in=[component["id"] for component in said]).values_list("pk", flat=True)
    return lock_with_components(update.incident_id, named)


def lock_with_components(incident_id: int, named: Iterable[int] = ()) -> Incident:
    """The incident, locked after its components and those named by key, and with every open incident that they affect.

    What is read of components and incident afterwards stays so until the transaction ends. Raises `Busy` where the incident
    was given another component between the two locks.
    """
    components = {*named, *_linked(incident_id)}
    list(_in_order(Component, components))
    beside = IncidentComponent.objects.filter(component_id__in=components).exclude(incident__status=Status.RESOLVED)
    locked = _in_order(Incident, {incident_id, *beside.values_list("incident_id", flat=True)})
    if not components >= set(_linked(incident_id)):
        raise Busy
    return next(incident for incident in locked if incident.pk == incident_id)


def _linked(incident_id: int) -> Iterable[int]:
    return IncidentComponent.objects.filter(incident=incident_id).values_list("component_id", flat=True)


def lock_open_incidents(components: Collection[int]) -> list[Incident]:
    """The open incidents that one of the components affects. The caller holds the components' locks."""
    affected = IncidentComponent.objects.filter(component_id__in=components).exclude(incident__status=Status.RESOLVED)
    return [
        incident for incident in _in_order(Incident, affected.values_list("incident_id", flat=True)) if incident.status != Status.RESOLVED
    ]


def _in_order(model: type[Row], keys: Iterable[int]) -> list[Row]:
    return list(model._default_manager.select_for_update(of=("self",), no_key=True).filter(pk__in=list(keys)).order_by("pk"))
