"""Holding the reminders of a promise back for a while."""

from datetime import datetime, timedelta

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from incidents.models import Incident, Snooze
from incidents.queries import open_promises, within_reach
from incidents.services.timeline import note

LONGEST_MINUTES = 60
LONGEST_REASON = 300


def snooze_promise(*, actor: Actor, now: datetime, incident: Incident, minutes: int, reason: str) -> Snooze:
    """No step of the promise that falls due first is told for so many minutes; then the newest that is due. It stays due as it was.

    A person does this, and says why. Raises `NotFound` for a hidden incident, `Forbidden`, `Conflict` where no promise
    runs, `InvalidInput` naming the fields at fault.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        locked = within_reach(actor).select_for_update(of=("self",), no_key=True).filter(pk=incident.pk).first()
        if locked is None:
            raise NotFound
        actor.require(Permission.UPDATE_WRITE)
        reason = reason.strip()
        if actor.user is None:
            raise Forbidden("Only a person holds reminders back.")
        found: dict[str, list[str]] = {}
        if not 1 <= minutes <= LONGEST_MINUTES:
            found["minutes"] = [f"Give 1 to {LONGEST_MINUTES} minutes; hold it back again when they are over."]
        if not reason or len(reason) > LONGEST_REASON or not reason.isprintable():
            found["reason"] = [f"Say why in one line of at most {LONGEST_REASON} characters: whoever is called in later reads it."]
        if found:
            raise InvalidInput("Correct the fields named.", fields=found)
        promise = open_promises(locked).select_for_update(of=("self",), no_key=True).first()
        if promise is None:
            raise Conflict("No update is promised, so nothing reminds of one.", code="no_promise")
        snooze = Snooze.objects.create(promise=promise, by=actor.user, until=now + timedelta(minutes=minutes), reason=reason, at=now)
        work.record(
            "promise.snoozed",
            subject=f"incident:{locked.public_id}",
            body={"until": snooze.until.isoformat(), "reason": reason, "due_at": promise.due_at.isoformat()},
            policy_version=promise.policy_version,
        )
        note(locked, actor=actor, now=now, kind="snoozed", text=f"Reminders held back until {snooze.until:%H:%M} UTC: {reason}")
        return snooze
