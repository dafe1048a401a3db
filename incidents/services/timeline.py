"""Lines of the timeline."""

from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import InvalidInput, NotFound
from incidents.models import Incident, TimelineEntry
from incidents.queries import within_reach

LONGEST = 500


def note(
    incident: Incident, *, actor: Actor | str, now: datetime, kind: str, text: str, detail: dict[str, Any] | None = None
) -> TimelineEntry:
    """Adds a line within a service that records its own act; `actor` may be given by the audit reference. A text too long is cut."""
    shown = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    by = actor if isinstance(actor, str) else actor.ref
    return TimelineEntry.objects.create(incident=incident, at=now, kind=kind, text=shown, actor=by, detail=detail or {})


def add_timeline(*, actor: Actor, now: datetime, incident: Incident, kind: str, text: str) -> TimelineEntry:
    """Notes what happened. Raises `NotFound` for a hidden incident, `InvalidInput` for an empty or overlong text."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        if not within_reach(actor).filter(pk=incident.pk).exists():
            raise NotFound
        actor.require(Permission.INCIDENT_WRITE)
        if not text.strip() or len(text) > LONGEST or "\x00" in text:
            raise InvalidInput("Correct the fields named.", fields={"text": [f"Give 1 to {LONGEST} characters; these are {len(text)}."]})
        entry = note(incident, actor=actor, now=now, kind=kind, text=text)
        work.record("incident.noted", subject=f"incident:{incident.public_id}", body={"kind": kind, "text": text})
        return entry
