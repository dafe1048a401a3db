"""Holding an incident's reminders back for a while."""

from datetime import datetime, timedelta

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from incidents.models import Incident, Snooze, UpdatePromise
from incidents.queries import open_promises, within_reach
from incidents.queries.hearing import keepable
from incidents.services.timeline import note

LONGEST_MINUTES = 60
LONGEST_REASON = 300


def snooze_promise(*, actor: Actor, now: datetime, incident: Incident, minutes: int, reason: str) -> Snooze:
    """No step of the promises that run is told for so many minutes; then the newest that is due. They stay due as they were.

    A person does this, and says why. It holds back every promise that somebody would be called for, each with a row of its own;
    the row of the one that falls due first is returned. Raises `NotFound` for a hidden incident, `Forbidden`, `Conflict`
    where nothing would remind of any, `InvalidInput` naming the fields at fault.
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
        until = now + timedelta(minutes=minutes)
        promises = _ringing(locked)
        rows = [Snooze(promise=promise, by=actor.user, until=until, reason=reason, at=now) for promise in promises]
        first, *_ = Snooze.objects.bulk_create(rows)
        work.record(
            "promise.snoozed",
            subject=f"incident:{locked.public_id}",
            body={"until": until.isoformat(), "reason": reason, "due_at": promises[0].due_at.isoformat(), "promises": len(promises)},
            policy_version=promises[0].policy_version,
        )
        note(locked, actor=actor, now=now, kind="snoozed", text=f"Reminders held back until {until:%H:%M} UTC: {reason}")
        return first


def _ringing(incident: Incident) -> list[UpdatePromise]:
    """The promises that run and could be kept, first due first. Raises `Conflict` where there is none."""
    running = list(open_promises(incident).select_for_update(of=("self",), no_key=True))
    if not running:
        raise Conflict("No update is promised, so nothing reminds of one.", code="no_promise")
    able = keepable(running)
    if found := [promise for promise in running if promise.pk in able]:
        return found
    raise Conflict("Those who wait for word may not be told of the incident now, so nothing reminds of it.", code="stands_by")
