"""Proposing the last update."""

from datetime import datetime

from accounts.actors import Actor
from incidents.models import Incident
from incidents.rules.words import ON_ITS_WAY, Status
from incidents.services import start_update


def propose_resolution(incident: Incident, *, actor: Actor, now: datetime) -> None:
    """Drafts the resolution beside whatever else is being written, unless one is on its way already."""
    resolutions = incident.updates.filter(state__in=ON_ITS_WAY, current__content__facts__status=Status.RESOLVED.value)
    if not resolutions.exists():
        start_update(actor=actor, now=now, incident=incident, status=Status.RESOLVED)
