"""Whoever has to take an incident on hears of it when it opens, not with the first reminder."""

from datetime import datetime

from accounts.actors import ActorKind, system
from accounts.queries.names import names_of
from incidents.models import Incident
from incidents.queries import open_promise
from incidents.queries.responsible import responsible_for
from notifications.queries.opening import source_key_of
from notifications.rules.escaping import plain
from notifications.services.plan_notice import can_be_told, plan_notice

ACTOR = system("notifications")


def incident_opened(*, now: datetime, incident_id: int) -> None:
    """Tells the commander, or every commander while nobody commands; where none of them can be told, the manager on duty.

    Whoever opened it and commands it knows. Our own clockwork opens no incident of which somebody would have to be told.
    """
    incident = Incident.objects.select_related("commander").get(pk=incident_id)
    if incident.opened_by.partition(":")[0] == ActorKind.SYSTEM:
        return
    if incident.commander_id is not None and incident.commander_id == incident.opener_id:
        return
    rings = responsible_for(incident, now)
    leads = [user for user in rings.leads if can_be_told(user, incident)]
    people = [user for user in leads or rings.managers if user.pk != incident.opener_id]
    promise = open_promise(incident)
    plan_notice(
        actor=ACTOR,
        now=now,
        source_key=source_key_of(incident),
        incident=incident,
        people=people,
        title=f"Opened, {incident.severity}: {incident.title}",
        body=_said(incident, promised=promise is not None),
        path=f"/console/incidents/{incident.public_id}/",
        due_at=promise.due_at if promise else None,
    )


def _said(incident: Incident, *, promised: bool) -> str:
    by = names_of([incident.opened_by])[incident.opened_by]
    has_it = f"{plain(incident.commander.get_full_name())} commands it." if incident.commander else "Nobody commands it yet: take it."
    word = " The policy wants a first word." if promised else ""
    return f"**{plain(incident.title)}** was opened by {plain(by)} as {incident.severity}, {incident.stage}. {has_it}{word}"
