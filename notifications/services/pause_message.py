"""Pausing and resuming what is being sent. A pause is a person's and ends by a person; what the rules stop goes on by itself."""

from datetime import datetime

from django.db.models.functions import Now

from accounts.actors import Actor
from accounts.models import User
from audit.services import unit_of_work
from audit.services.unit_of_work import UnitOfWork
from core.errors import Conflict
from core.events import publish
from incidents.services.timeline import note
from notifications.events import SendingWanted
from notifications.models import Message
from notifications.queries.governing import require_governing, visible_message
from notifications.services.fall_back import wait_anew


def pause_message(*, actor: Actor, now: datetime, message_id: str) -> Message:
    """Nothing more of it (public id) is begun, until somebody resumes it; at most one window per worker is still on its way.

    Raises `NotFound`, `Forbidden`, `StepUpRequired`, `Conflict` (paused already, ended, finished).
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        message, user = locked_to_govern(actor=actor, now=now, message_id=message_id)
        refuse_ended(message)
        if message.paused_at is not None:
            raise Conflict("It is paused already.", code="paused_already")
        if message.finished_at is not None:
            raise Conflict("Everything is settled; there is nothing left to pause.", code="finished")
        Message.objects.filter(pk=message.pk).update(paused_at=Now(), paused_by=user)
        _noted(work, message, actor=actor, now=now, entry="message.paused", text="Sending paused.")
        message.refresh_from_db()
        return message


def resume_message(*, actor: Actor, now: datetime, message_id: str) -> Message:
    """It goes on where it stood. Raises `NotFound`, `Forbidden`, `StepUpRequired`, `Conflict` (not paused, ended)."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        message, _ = locked_to_govern(actor=actor, now=now, message_id=message_id)
        refuse_ended(message)
        if message.paused_at is None:
            raise Conflict("It is not paused.", code="not_paused")
        Message.objects.filter(pk=message.pk).update(paused_at=None, paused_by=None)
        wait_anew(message.pk)
        _noted(work, message, actor=actor, now=now, entry="message.unpaused", text="Sending goes on.")
        publish(SendingWanted(message.pk, now))
        message.refresh_from_db()
        return message


def locked_to_govern(*, actor: Actor, now: datetime, message_id: str) -> tuple[Message, User]:
    """The message, locked against whoever begins an attempt of it, and the person. Needs a transaction."""
    found = visible_message(actor, message_id)
    actor.require_person()
    require_governing(actor, found)
    user = actor.require_step_up(now)
    return Message.objects.select_for_update(of=("self",), no_key=True).select_related("incident").get(pk=found.pk), user


def refuse_ended(message: Message) -> None:
    """Raises `Conflict` for what was cancelled or superseded: that is for good."""
    if message.ended_as:
        raise Conflict(f"It was {message.ended_as}: {message.ended_reason.rstrip('.')}. That is for good.", code="ended")


def _noted(work: UnitOfWork, message: Message, *, actor: Actor, now: datetime, entry: str, text: str) -> None:
    body = {"release": message.release.public_id} if message.release else {}
    work.record(entry, subject=f"message:{message.public_id}", body=body)
    if message.incident is not None:
        note(message.incident, actor=actor, now=now, kind="held" if entry == "message.paused" else "release", text=text)
