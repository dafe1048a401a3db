"""A release decided again when its deliveries are claimed: what no longer holds is stopped, shown, and told to its owner."""

from collections.abc import Iterable
from datetime import datetime

from accounts.actors import system
from accounts.models import User
from approvals.models import Release
from approvals.queries.sending import Standing, standing_of
from audit.services import unit_of_work
from incidents.models import Update
from incidents.rules.words import UpdateState
from incidents.services.timeline import note
from notifications.models import Message
from notifications.rules.escaping import plain
from notifications.rules.states import MessageKind
from notifications.rules.wordings import wordings_of
from notifications.services.fall_back import wait_anew
from notifications.services.plan_notice import plan_notice

ACTOR = system("delivery")
LONGEST = 500
OTHER_WORDS = "The words planned are not the words released."
CORRECTED = "A correction was released: what was not sent yet of the wrong words is not sent any more."


def stop_what_may_not_go(*, now: datetime, messages: Iterable[Message]) -> set[int]:
    """Stops those of these messages that may not be sent any more, and returns their keys. Notices always may."""
    reasons = _reasons([message for message in messages if message.kind == MessageKind.RELEASE], now)
    found = {pk: reason for pk, reason in reasons.items() if reason}
    for pk, reason in found.items():
        _stop(pk, reason, now)
    return set(found)


def resume_stopped(*, now: datetime) -> int:
    """Lets go on what was stopped for a reason that is gone, for instance a hold that was lifted; returns how many."""
    stopped = Message.objects.filter(finished_at__isnull=True).exclude(stopped_reason="")
    reasons = _reasons(list(stopped), now)
    return sum(_resume(pk, now) for pk, reason in reasons.items() if not reason)


def _reasons(messages: list[Message], now: datetime) -> dict[int, str]:
    """Why each may not be sent; empty when it may."""
    releases = {message.release_id: message for message in messages if message.release_id is not None}
    if not releases:
        return {}
    found = standing_of(releases, now)
    updates = {standing.update_id for standing in found.values()}
    corrected = set(Update.objects.filter(corrects__in=updates, state=UpdateState.RELEASED).values_list("corrects", flat=True))
    return {message.pk: _reason(message, found[pk], found[pk].update_id in corrected) for pk, message in releases.items()}


def _reason(message: Message, standing: Standing, corrected: bool) -> str:
    if standing.reason or corrected:
        return standing.reason or CORRECTED
    return "" if message.wording == wordings_of(standing.content) else OTHER_WORDS


def _stop(message_id: int, reason: str, now: datetime) -> None:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        message = Message.objects.select_for_update(no_key=True).get(pk=message_id)
        if message.stopped_reason:
            return
        message.stopped_reason, message.stopped_at = _short(reason), now
        message.save(update_fields=["stopped_reason", "stopped_at"])
        work.record("message.stopped", subject=f"message:{message.public_id}", body={"release": _release(message).public_id})
        _tell(message, now)


def _resume(message_id: int, now: datetime) -> bool:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        message = Message.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=message_id).first()
        if message is None or not message.stopped_reason:
            return False
        message.stopped_reason, message.stopped_at = "", None
        message.save(update_fields=["stopped_reason", "stopped_at"])
        wait_anew(message.pk)
        work.record("message.resumed", subject=f"message:{message.public_id}", body={"release": _release(message).public_id})
        text = "What was left of the release goes out again."
        note(_release(message).update_of.incident, actor=ACTOR, now=now, kind="release", text=text)
        return True


def _tell(message: Message, now: datetime) -> None:
    """The person who released it and the incident's commander, each once."""
    release = _release(message)
    incident = release.update_of.incident
    note(incident, actor=ACTOR, now=now, kind="held", text=f"Sending stopped. {message.stopped_reason}")
    people: dict[object, User] = {release.released_by_id: release.released_by}
    if incident.commander is not None:
        people[incident.commander.pk] = incident.commander
    plan_notice(
        actor=ACTOR,
        now=now,
        source_key=f"stopped:{message.pk}:{now.isoformat()}",
        incident=incident,
        people=people.values(),
        title=f"Sending stopped: {incident.title}",
        body=(
            f"What was not sent yet of a released update is stopped. {plain(message.stopped_reason)}\n\n"
            "It goes on by itself once the reason is gone, and expires a day after its release."
        ),
        path=f"/console/releases/{release.public_id}/",
    )


def _release(message: Message) -> Release:
    return Release.objects.select_related("update_of__incident__commander", "released_by").get(message=message)


def _short(reason: str) -> str:
    return reason if len(reason) <= LONGEST else f"{reason[: LONGEST - 1]}…"
