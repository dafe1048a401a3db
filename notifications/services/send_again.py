"""Having sent again what failed, under the same key, and having tried at once what waits for another try."""

import time
import uuid
from datetime import datetime

from django.db import connection, transaction

from accounts.actors import Actor
from approvals.models import Release
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput, NotFound
from core.events import publish
from incidents.rules.words import CORRECTING
from notifications.events import SendingWanted
from notifications.models import Delivery, Message
from notifications.rules.states import AGAIN
from notifications.services.pause_message import locked_to_govern, refuse_ended
from notifications.services.plan_release import USEFUL_FOR

PIECE = 20_000
AT_ONCE = 8.0
"""Seconds a page may wait; what is left over then is still listed, to be asked for again."""

# Tries begin anew; attempts that nobody knows the end of stay counted, so that a correction still reaches whoever may have got it.
_AGAIN = """
WITH wanted AS MATERIALIZED (
    SELECT d.id, d.channel, d.lane FROM notifications_deliveryfailure f JOIN notifications_delivery d ON d.id = f.delivery_id
    WHERE f.message_id = %(message)s AND f.state = %(state)s AND d.state = %(state)s
      AND (%(delivery)s::bigint IS NULL OR f.delivery_id = %(delivery)s)
      AND (%(cause)s::text IS NULL OR (f.channel = %(channel)s AND notifications_cause(f.reason) = %(cause)s))
    ORDER BY f.delivery_id LIMIT %(piece)s FOR NO KEY UPDATE OF d SKIP LOCKED
), placed AS (
    SELECT w.*, (row_number() OVER (PARTITION BY channel, lane ORDER BY id) - 1) / 1000 AS part FROM wanted w
), runs AS MATERIALIZED (
    SELECT channel, lane, part, nextval('notifications_deliveryrun_id_seq') AS run, min(id) AS first, max(id) AS last, count(*) AS size
    FROM placed GROUP BY channel, lane, part
), queued AS (
    INSERT INTO notifications_deliveryrun (id, message_id, channel, lane, first_id, next_id, last_id, size, due_at, fence)
    SELECT run, %(message)s, channel, lane, first, first, last, size, clock_timestamp(), 0 FROM runs
)
UPDATE notifications_delivery d SET state = 'queued', reason = '', closed_at = NULL, tries = 0, run_id = r.run
FROM placed p JOIN runs r USING (channel, lane, part) WHERE d.id = p.id
"""
# All deliveries of a run that waits ended the same way, so its first one tells the cause.
_NOW = """
WITH due AS (
    UPDATE notifications_deliveryrun r SET due_at = clock_timestamp()
    WHERE r.message_id = %(message)s AND r.lease_until IS NULL AND r.due_at > clock_timestamp()
      AND (%(cause)s::text IS NULL OR (r.channel = %(channel)s AND %(cause)s = (
        SELECT notifications_cause(d.reason) FROM notifications_delivery d
        WHERE d.id BETWEEN r.next_id AND r.last_id AND d.run_id = r.id AND d.state = 'retry_wait' ORDER BY d.id LIMIT 1)))
    RETURNING r.id, r.first_id, r.last_id
)
SELECT count(d.id) FROM due JOIN notifications_delivery d ON d.id BETWEEN due.first_id AND due.last_id AND d.run_id = due.id
    AND d.state IN ('planned', 'queued', 'retry_wait')
"""


def send_again(*, actor: Actor, now: datetime, message_id: str, state: str, channel: str, cause: str, at_once: float = AT_ONCE) -> int:
    """Everything that stands so for this one cause goes back to the queue; returns how many did, piece by piece for `at_once` seconds.

    Raises `NotFound`, `Forbidden`, `StepUpRequired`, `InvalidInput` (a state that is not sent again), `Conflict` (ended, or a later
    update was released, or there is nothing of it).
    """
    until, moved = time.monotonic() + at_once, 0
    with unit_of_work(actor=actor.ref, now=now) as work:
        message = _reopened(actor, now, message_id, state)
        moved = _piece(message, state, channel, cause, None)
        if not moved:
            raise Conflict("Nothing of this stands so any more.", code="nothing_left")
        body = {"state": state, "channel": channel, "cause": cause}
        work.record("message.sent_again", subject=f"message:{message.public_id}", body=body)
        publish(SendingWanted(message.pk, now))
    while time.monotonic() < until:
        with transaction.atomic():
            piece = _further(message.pk, state, channel, cause)
        if not piece:
            break
        moved += piece
    return moved


def _further(message_id: int, state: str, channel: str, cause: str) -> int:
    """The next piece, unless somebody has ended the message meanwhile or released a later update: then it stays at what was moved."""
    message = Message.objects.select_for_update(of=("self",), no_key=True).select_related("release__update_of").get(pk=message_id)
    try:
        _refuse_over(message)
    except Conflict:
        return 0
    if piece := _piece(message, state, channel, cause, None):
        _reopen(message)
    return piece


def send_one_again(*, actor: Actor, now: datetime, message_id: str, key: uuid.UUID) -> Delivery:
    """One delivery, named by its key. Raises as `send_again`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        delivery = Delivery.objects.filter(key=key, message__public_id=message_id).first()
        if delivery is None:
            raise NotFound
        message = _reopened(actor, now, message_id, delivery.state)
        if not _piece(message, delivery.state, "", None, delivery.pk):
            raise Conflict("It does not stand so any more.", code="nothing_left")
        work.record("message.sent_again", subject=f"message:{message.public_id}", body={"state": delivery.state, "key": str(key)})
        publish(SendingWanted(message.pk, now))
        delivery.refresh_from_db()
        return delivery


def try_now(*, actor: Actor, now: datetime, message_id: str, channel: str = "", cause: str | None = None) -> int:
    """What waits for another try (all of it, or what does for one cause) is due at once; returns how many deliveries.

    Raises `NotFound`, `Forbidden`, `StepUpRequired`, `Conflict` (ended, or nothing waits).
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        message, _ = locked_to_govern(actor=actor, now=now, message_id=message_id)
        refuse_ended(message)
        with connection.cursor() as cursor:
            cursor.execute(_NOW, {"message": message.pk, "channel": channel, "cause": cause})
            moved = int(cursor.fetchone()[0])
        if not moved:
            raise Conflict("Nothing of it waits for another try.", code="nothing_left")
        body = {"channel": channel, "cause": cause or "", "deliveries": moved}
        work.record("message.tried_now", subject=f"message:{message.public_id}", body=body)
        publish(SendingWanted(message.pk, now))
        return moved


def _reopened(actor: Actor, now: datetime, message_id: str, state: str) -> Message:
    message, _ = locked_to_govern(actor=actor, now=now, message_id=message_id)
    if state not in AGAIN:
        raise InvalidInput("Correct the fields named.", fields={"state": [f"Use one of {', '.join(sorted(AGAIN))}."]})
    _refuse_over(message)
    _reopen(message)
    return message


def _refuse_over(message: Message) -> None:
    refuse_ended(message)
    if message.release is not None and _has_been_followed(message.release):
        raise Conflict("A later update of this incident was released: sent now, the two would come in the wrong order.", code="followed")


def _reopen(message: Message) -> None:
    """What is under way again is settled and recorded again, and has its time once more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_message SET finished_at = NULL,"
            " expires_at = greatest(expires_at, clock_timestamp() + make_interval(secs => %s)) WHERE id = %s",
            [USEFUL_FOR.total_seconds(), message.pk],
        )


def _has_been_followed(release: Release) -> bool:
    later = Release.objects.filter(update_of__incident=release.update_of.incident_id, pk__gt=release.pk)
    return later.exclude(update_of__kind__in=CORRECTING).exists() or later.filter(update_of__corrects=release.update_of_id).exists()


def _piece(message: Message, state: str, channel: str, cause: str | None, delivery: int | None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            _AGAIN,
            {"message": message.pk, "state": state, "channel": channel, "cause": cause, "delivery": delivery, "piece": PIECE},
        )
        return int(cursor.rowcount)
