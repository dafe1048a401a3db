"""Changing a cell of the routing matrix."""

from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput
from notifications.models import RoutingRule
from notifications.rules.routing import URGENCIES, InvalidRoute, as_json, read_steps
from stakeholders.models import Audience


def set_route(
    *, actor: Actor, now: datetime, urgency: str, audience: Audience | None, channels: Any, version: int | None = None
) -> RoutingRule | None:
    """Gives the audience (`None`: every audience without a route of its own) these channels at this urgency; `channels` `None` takes
    its own route away. Holds for every release from now on; a message keeps the route it was planned by.

    `version` is the one the writer saw, 0 where there was none; `None` overwrites whatever is there. Raises `InvalidInput` with every
    problem, `Conflict` for another version.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.ROUTING_WRITE)
        stored = _read(urgency, audience, channels)
        # One at a time: two who add the same cell at once meet here and not at the constraint.
        locked = {row.audience_id: row for row in RoutingRule.objects.select_for_update(no_key=True).filter(urgency=urgency)}
        row = locked.get(audience.pk if audience else None)
        if version is not None and version != (row.version if row else 0):
            raise Conflict("Somebody changed this route meanwhile. What you see is theirs: look, and change it again.", code="stale")
        before = row.channels if row else None
        if stored == before:
            return row
        if stored is None:
            RoutingRule.objects.filter(urgency=urgency, audience=audience).delete()
            made = None
        elif row is None:
            made = RoutingRule.objects.create(urgency=urgency, audience=audience, channels=stored, changed_at=now)
        else:
            row.channels, row.version, row.changed_at = stored, row.version + 1, now
            row.save()
            made = row
        work.record(
            "routing.changed",
            subject=f"audience:{audience.public_id}" if audience else "routing",
            body={"urgency": urgency, "audience": audience.key if audience else "", "before": before, "after": stored},
        )
        return made


def _read(urgency: str, audience: Audience | None, channels: Any) -> list[dict[str, Any]] | None:
    if urgency not in URGENCIES:
        raise InvalidInput("Choose an urgency.", fields={"urgency": [f"Choose one of {', '.join(URGENCIES)}."]})
    if channels is None:
        if audience is None:
            text = "This is the route of every audience without one of its own: it is changed, not taken away."
            raise InvalidInput(text, fields={"channels": [text]})
        return None
    try:
        steps = read_steps(channels)
    except InvalidRoute as refusal:
        raise InvalidInput("The route is not complete yet.", fields={"channels": refusal.problems}) from refusal
    if audience is not None and not audience.is_public and any(step.channel.startswith("page:") for step in steps):
        text = f"The public page shows the words of another audience, never those of “{audience.name}”: leave it out."
        raise InvalidInput(text, fields={"channels": [text]})
    return as_json(steps)
