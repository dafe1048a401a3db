"""Holding releases back, and letting them go again."""

from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.roles import Permission
from approvals.events import HoldLifted, HoldPlaced
from approvals.models import ReleaseHold
from approvals.queries.holds import visible_hold
from approvals.rules.hold import LONGEST_REASON
from approvals.services.locking import lock_update
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput, NotFound
from core.events import publish
from incidents.models import Incident, Update
from incidents.rules.words import UpdateState
from incidents.services.timeline import note


def hold_incident(*, actor: Actor, now: datetime, incident_id: int, reason: str) -> ReleaseHold:
    """Stops every release of the incident, and every delivery of those made that was not sent yet.

    Raises `NotFound`, `Forbidden`, `StepUpRequired`, `Conflict` (held already), `InvalidInput` (no reason).
    """
    with unit_of_work(actor=actor.ref, now=now):
        incident = _lock_incident(actor, incident_id)
        return _place(actor, now, reason, incident=incident, update=None)


def hold_update(*, actor: Actor, now: datetime, update_id: int, reason: str) -> ReleaseHold:
    """Stops the release of one update, or, once it is released, its deliveries that were not sent yet.

    Raises `NotFound`, `Forbidden`, `StepUpRequired`, `Conflict` (held already, withdrawn), `InvalidInput` (no reason).
    """
    with unit_of_work(actor=actor.ref, now=now):
        update = lock_update(actor=actor, update_id=update_id)
        if update.state == UpdateState.WITHDRAWN:
            raise Conflict("The update is withdrawn; nothing of it goes out.", code="withdrawn")
        return _place(actor, now, reason, incident=update.incident, update=update)


def _place(actor: Actor, now: datetime, reason: str, *, incident: Incident, update: Update | None) -> ReleaseHold:
    user = _who(actor, now)
    why = _text(reason, "Say why nothing may go out: whoever wants to release reads it.")
    subject = {"update_of": update} if update else {"incident": incident}
    if ReleaseHold.objects.filter(**subject, lifted_at__isnull=True).exists():
        raise Conflict("It is held already.", code="held_already")
    with unit_of_work(actor=actor.ref, now=now) as work:
        hold = ReleaseHold.objects.create(**subject, reason=why, placed_by=user, placed_at=now)
        named = f"update:{update.public_id}" if update else f"incident:{incident.public_id}"
        work.record("hold.placed", subject=named, body={"hold": hold.public_id, "reason": why})
        what = "One update" if update else "Everything"
        note(incident, actor=actor, now=now, kind="hold", text=f"{what} is held back: {why}", detail=_detail(hold, update))
        publish(HoldPlaced(hold_id=hold.pk, incident_id=incident.pk, update_id=update.pk if update else None, at=now))
        return hold


def lift_hold(*, actor: Actor, now: datetime, hold_id: str, reason: str) -> ReleaseHold:
    """Lets go again what the hold kept back; `hold_id` is its public id. Each release is decided anew, nothing goes by lifting alone
    but deliveries already planned.

    Raises `NotFound`, `Forbidden`, `StepUpRequired`, `Conflict` (lifted already), `InvalidInput` (no reason).
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        found = visible_hold(actor, hold_id)
        update = lock_update(actor=actor, update_id=found.update_of_id) if found.update_of_id else None
        incident = update.incident if update else _lock_incident(actor, found.incident_id)
        hold = ReleaseHold.objects.get(pk=found.pk)
        user = _who(actor, now)
        why = _text(reason, "Say why it may go out now.")
        if hold.lifted_at is not None:
            raise Conflict("The hold is lifted already.", code="lifted_already")
        hold.lifted_by, hold.lifted_at, hold.lift_reason = user, now, why
        hold.save(update_fields=["lifted_by", "lifted_at", "lift_reason"])
        named = f"update:{update.public_id}" if update else f"incident:{incident.public_id}"
        work.record("hold.lifted", subject=named, body={"hold": hold.public_id, "reason": why})
        note(incident, actor=actor, now=now, kind="hold", text=f"Hold lifted: {why}", detail=_detail(hold, update))
        publish(HoldLifted(hold_id=hold.pk, incident_id=incident.pk, update_id=update.pk if update else None, at=now))
        return hold


def _lock_incident(actor: Actor, incident_id: int | None) -> Incident:
    """Locked as a release locks it, so that either comes first whole. Raises `NotFound`."""
    if incident_id is None:
        raise NotFound
    found = Incident.objects.visible_to(actor).filter(pk=incident_id).select_for_update(of=("self",), no_key=True).first()
    if found is None:
        raise NotFound
    return found


def _who(actor: Actor, now: datetime) -> User:
    actor.require_person()
    actor.require(Permission.RELEASE_HOLD)
    return actor.require_step_up(now)


def _text(given: str, missing: str) -> str:
    text = given.strip()
    if not text:
        raise InvalidInput("Something is missing.", fields={"reason": [missing]})
    if len(text) > LONGEST_REASON:
        raise InvalidInput("The reason is too long.", fields={"reason": [f"Use at most {LONGEST_REASON} characters."]})
    return text


def _detail(hold: ReleaseHold, update: Update | None) -> dict[str, str]:
    return {"hold": hold.public_id} | ({"update": update.public_id} if update else {})
