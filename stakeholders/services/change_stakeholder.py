"""Correcting an entry of the register."""

from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import InvalidInput
from stakeholders.models import Audience, Stakeholder
from stakeholders.rules.kinds import INSIDE
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
    """Sets what is given and leaves the rest. Raises `InvalidInput` naming the fields, also for a colleague in an internal audience who
    would become somebody outside. The log names the fields and the kinds, not a person's name.
    """
    given = {"kind": kind, "name": name, "time_zone": time_zone, "language": language}
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        locked = Stakeholder.objects.select_for_update(no_key=True).get(pk=stakeholder.pk)
        new = {field: getattr(locked, field) if value is None else value.strip() for field, value in given.items()}
        check_fields(**new)
        changed = sorted(field for field, value in new.items() if getattr(locked, field) != value)
        if changed:
            if "kind" in changed:
                _require_inside_where_internal(locked, new["kind"])
            kinds = {"kind": {"before": locked.kind, "after": new["kind"]}} if "kind" in changed else {}
            for field in changed:
                setattr(locked, field, new[field])
            locked.save(update_fields=changed)
            work.record("stakeholder.changed", subject=f"stakeholder:{locked.public_id}", body={"fields": changed, **kinds})
    return locked


def _require_inside_where_internal(stakeholder: Stakeholder, kind: str) -> None:
    if kind in INSIDE:
        return
    internal = Audience.objects.filter(is_internal=True, members__stakeholder=stakeholder).first()
    if internal is not None:
        text = f"They are in “{internal.name}”, which is internal, so they stay a person or a team. Register the {kind} by itself."
        raise InvalidInput("Correct the fields named and send again.", fields={"kind": [text]})
