"""Cancelling what was not sent yet: the message says so first, under a lock; its rows follow piece by piece."""

from datetime import datetime

from accounts.actors import Actor
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput
from incidents.services.timeline import note
from notifications.models import Message
from notifications.queries.counts import counts_of
from notifications.rules.cancelling import LONGEST_REASON, Cancelled
from notifications.rules.escaping import plain
from notifications.rules.states import IN_FLIGHT, TAKEN_OVER, WAITING, Ended
from notifications.services.end_message import end_message, leave_unplanned, work_off_ended_for
from notifications.services.pause_message import locked_to_govern, refuse_ended
from notifications.services.plan_notice import plan_notice

# What a page may wait for; the sweep ends the rest, and none of it is sent meanwhile.
AT_ONCE = 2.0


def cancel_message(*, actor: Actor, now: datetime, message_id: str, reason: str, at_once: float = AT_ONCE) -> Cancelled:
    """Nothing of it (public id) is begun any more, for good, and nothing more of it is planned.

    Whoever is sending some of it holds at most one window, and what of that fails is not tried again. Whoever released it and the
    incident's commander are told. Its rows follow for `at_once` seconds, those left then by the sweep. Raises `NotFound`, `Forbidden`,
    `StepUpRequired`, `Conflict` (ended already, finished), `InvalidInput` (no reason).
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        message, user = locked_to_govern(actor=actor, now=now, message_id=message_id)
        why = _text(reason)
        refuse_ended(message)
        if message.finished_at is not None:
            raise Conflict("Everything is settled; there is nothing left to cancel.", code="finished")
        states = counts_of([message.pk])[message.pk]
        accepted, stopped, in_flight = (sum(states.get(state, 0) for state in pile) for pile in (TAKEN_OVER, WAITING, IN_FLIGHT))
        told = Cancelled(accepted, stopped, in_flight, leave_unplanned(message))
        end_message(message, as_=Ended.CANCELLED, reason=why, by=user)
        work.record(
            "message.cancelled",
            subject=f"message:{message.public_id}",
            body={"reason": why, "accepted": accepted, "stopped": stopped, "in_flight": in_flight, "never_planned_about": told.unplanned}
            | ({"release": message.release.public_id} if message.release else {}),
        )
        if message.incident is not None:
            note(message.incident, actor=actor, now=now, kind="held", text=f"Sending cancelled: {why} {told.words}")
            _tell(message, actor, now, why, told)
    work_off_ended_for(at_once, message_id=message.pk)
    return told


def _text(reason: str) -> str:
    why = reason.strip()
    if not why:
        raise InvalidInput("Something is missing.", fields={"reason": ["Say why what was not sent yet never is."]})
    if len(why) > LONGEST_REASON:
        raise InvalidInput("The reason is too long.", fields={"reason": [f"Use at most {LONGEST_REASON} characters."]})
    return why


def _tell(message: Message, actor: Actor, now: datetime, why: str, told: Cancelled) -> None:
    release, incident = message.release, message.incident
    if release is None or incident is None:
        return
    people = {user.pk: user for user in (release.released_by, incident.commander) if user is not None and user != actor.user}
    if people:
        plan_notice(
            actor=actor,
            now=now,
            source_key=f"cancelled:{message.pk}",
            incident=incident,
            people=people.values(),
            title=f"Sending cancelled: {incident.title}",
            body=f"What was not sent yet of a released update is cancelled: {plain(why)}\n\n{told.words}",
            path=f"/console/releases/{release.public_id}/",
        )
