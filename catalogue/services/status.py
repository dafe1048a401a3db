"""The state that the public page shows of a component."""

from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from catalogue.events import ComponentChanged
from catalogue.models import Component
from catalogue.rules.status import ComponentStatus
from core.errors import InvalidInput, NotFound
from core.events import publish


def set_component_status(*, actor: Actor, now: datetime, component: Component, status: ComponentStatus | str) -> Component:
    """Sets the component's status under its row's lock; setting what is already set changes and records nothing.

    Raises `Forbidden`, `InvalidInput` for an unknown status, `NotFound` when the component is gone meanwhile.
    """
    actor.require(Permission.CATALOGUE_WRITE)
    return follow_component_status(actor=actor, now=now, component=component, status=status)


def follow_component_status(*, actor: Actor, now: datetime, component: Component, status: ComponentStatus | str) -> Component:
    """The same for a caller that has checked who may: what people approved says so, whatever else its releaser may change."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        new = _known(status)
        current = Component.objects.select_for_update(no_key=True).filter(pk=component.pk).first()
        if current is None:
            raise NotFound
        old = current.status
        if old != new:
            current.status = new.value
            current.updated_at = now
            current.save(update_fields=["status", "updated_at"])
            work.record("component.status_changed", subject=f"component:{current.public_id}", body={"before": old, "after": new.value})
            publish(ComponentChanged(component_id=current.pk, old_status=old, new_status=new.value, at=now))
        return current


def _known(status: ComponentStatus | str) -> ComponentStatus:
    try:
        return ComponentStatus(status)
    except ValueError:
        known = ", ".join(ComponentStatus)
        raise InvalidInput(f"“{status}” is no status.", fields={"status": [f"Choose from: {known}."]}) from None
