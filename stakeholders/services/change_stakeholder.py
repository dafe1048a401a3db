"""Correcting an entry of the register."""

from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from stakeholders.models import Stakeholder
from stakeholders.services.checks import check_fields


def change_stakeholder(
    *,
    actor: Actor,
    now: datetime,
    stakeholder: Stakeholder,
    kind: str | None = None,
    name: str | None = None,
    time_zone: str | None = None,
    language: str | None = None,
) -> Stakeholder:
    """Sets what is given and leaves the rest. Raises `InvalidInput` naming the fields. The log names the fields, not a person's name."""
    given = {"kind": kind, "name": name, "time_zone": time_zone, "language": language}
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        locked = Stakeholder.objects.select_for_update(no_key=True).get(pk=stakeholder.pk)
        new = {field: getattr(locked, field) if value is None else value.strip() for field, value in given.items()}
        check_fields(**new)
        changed = sorted(field for field, value in new.items() if getattr(locked, field) != value)
        if changed:
            for field in changed:
                setattr(locked, field, new[field])
            locked.save(update_fields=changed)
            work.record("stakeholder.changed", subject=f"stakeholder:{locked.public_id}", body={"fields": changed})
    return locked
