"""New components and groups."""

from datetime import datetime

from django.core.exceptions import ValidationError

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from catalogue.events import ComponentChanged
from catalogue.models import Component, ComponentGroup
from catalogue.rules.status import ComponentStatus
from core.errors import InvalidInput
from core.events import publish


def create_group(*, actor: Actor, now: datetime, name: str, position: int | None = None) -> ComponentGroup:
    """A heading for components; without `position` it comes last. Raises `InvalidInput` naming the field at fault."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.CATALOGUE_WRITE)
        group = ComponentGroup(name=name, position=ComponentGroup.objects.count() if position is None else position)
        _check(group)
        group.save(force_insert=True)
        work.record("component_group.created", subject=f"component_group:{group.public_id}", body={"name": name})
        return group


def create_component(
    *,
    actor: Actor,
    now: datetime,
    key: str,
    name: str,
    group: ComponentGroup | None = None,
    description: str = "",
    is_public: bool = True,
    position: int | None = None,
) -> Component:
    """A component, operational from the start; without `position` it comes last. Raises `InvalidInput` naming the field at fault."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.CATALOGUE_WRITE)
        component = Component(
            key=key,
            name=name,
            group=group,
            description=description,
            is_public=is_public,
            position=Component.objects.count() if position is None else position,
            start_date=now.date(),
            created_at=now,
            updated_at=now,
        )
        _check(component)
        component.save(force_insert=True)
        body = {"key": key, "name": name, "is_public": is_public, "group": group.public_id if group else ""}
        work.record("component.created", subject=f"component:{component.public_id}", body=body)
        status = ComponentStatus.OPERATIONAL.value
        publish(ComponentChanged(component_id=component.pk, old_status=status, new_status=status, at=now))
        return component


def _check(instance: Component | ComponentGroup) -> None:
    try:
        instance.full_clean()
    except ValidationError as error:
        raise InvalidInput("Correct the fields named.", fields=error.message_dict) from error
