"""Follows the catalogue."""

from datetime import datetime

from catalogue.models import Component, ComponentGroup
from statuspage.models import PageChange, PublicComponent, PublicGroup
from statuspage.rules.text import printable


def project_component(*, component_id: int, now: datetime) -> None:
    """Copies the component's public facts; removes it, and a group left empty, when it is no longer public."""
    component = Component.objects.select_related("group").filter(pk=component_id).first()
    if component is None or not component.is_public:
        if component is not None:
            PublicComponent.objects.filter(code=component.public_id).delete()
    else:
        _copy(component, now)
    PublicGroup.objects.filter(components__isnull=True).delete()
    PageChange.objects.create(at=now)


def _copy(component: Component, now: datetime) -> None:
    facts = {
        "name": printable(component.name),
        "description": printable(component.description),
        "group": _group(component.group, now) if component.group else None,
        "position": component.position,
        "start_date": component.start_date,
        "updated_at": component.updated_at,
    }
    known = PublicComponent.objects.select_for_update(of=("self",), no_key=True).filter(code=component.public_id).first()
    if known is None:
        PublicComponent.objects.create(
            code=component.public_id,
            created_at=component.created_at,
            status=component.status,
            status_before=component.status,
            status_changed_at=now,
            **facts,
        )
        return
    if known.status != component.status:
        facts |= {"status": component.status, "status_before": known.status, "status_changed_at": now}
    for name, value in facts.items():
        setattr(known, name, value)
    known.save(update_fields=list(facts))


def _group(group: ComponentGroup, now: datetime) -> PublicGroup:
    facts = {"name": printable(group.name), "position": group.position}
    known, _ = PublicGroup.objects.get_or_create(code=group.public_id, defaults={**facts, "created_at": now, "updated_at": now})
    # Written only when it differs: a group's row is shared, and locking it in every release would invite deadlocks.
    if {"name": known.name, "position": known.position} != facts:
        PublicGroup.objects.filter(pk=known.pk).update(**facts, updated_at=now)
    return known
