"""Ending what is left of a message: superseded, cancelled, or too late. The message says so first; its waiting rows follow in pieces.

No attempt is opened for a message once it says so (`window.py` reads it under a lock), so what is worked off later is not sent either.
"""

import time
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from accounts.actors import system
from accounts.models import User
from audit.services import unit_of_work
from notifications.models import Message, PlanStep
from notifications.rules.states import Ended
from notifications.services.plan_sources import about_unplanned

ACTOR = system("delivery")

# Runs ended in one transaction: some ten thousand deliveries.
RUNS_AT_ONCE = 20

# Runs that a worker holds are left to it: it finds nothing more to send, gives them back, and they are ended then.
_END = """
WITH ended AS MATERIALIZED (
    SELECT r.id, r.first_id, r.last_id, CASE WHEN m.ended_as = '' THEN 'expired' ELSE m.ended_as END AS state,
        CASE WHEN m.ended_as = '' THEN 'too late to be of use' ELSE m.ended_reason END AS reason
    FROM notifications_deliveryrun r JOIN notifications_message m ON m.id = r.message_id
    WHERE m.finished_at IS NULL AND r.lease_until IS NULL AND (m.ended_as <> '' OR m.expires_at <= clock_timestamp())
      AND (%s::bigint IS NULL OR m.id = %s)
    ORDER BY r.id LIMIT %s FOR UPDATE OF r SKIP LOCKED
), rows AS (
    UPDATE notifications_delivery d SET state = e.state, reason = e.reason, closed_at = clock_timestamp()
    FROM ended e WHERE d.id BETWEEN e.first_id AND e.last_id AND d.run_id = e.id AND d.state IN ('planned', 'queued', 'retry_wait')
    RETURNING d.id
), gone AS (
    DELETE FROM notifications_deliveryrun r USING ended e WHERE r.id = e.id
)
SELECT count(*) FROM rows
"""
_OVER = ~Q(ended_as="") | Q(expires_at__lte=Now())


def end_message(message: Message, *, as_: Ended, reason: str, by: User | None = None) -> int:
    """Marks the message within the caller's transaction and ends a first piece of what waits; returns how many deliveries that was."""
    going = Message.objects.filter(pk=message.pk, ended_as="", finished_at__isnull=True)
    marked = going.update(ended_as=as_, ended_reason=reason, ended_at=Now(), ended_by=by)
    return _end(message.pk) if marked else 0


def work_off_ended_for(seconds: float, *, message_id: int | None = None) -> int:
    """Piece by piece, each a transaction, until nothing waits or the time is up; returns how many deliveries that was."""
    until, ended = time.monotonic() + seconds, 0
    while (piece := _end(message_id)) and time.monotonic() < until:
        ended += piece
    return ended + piece


def end_late(*, now: datetime) -> int:
    """Nothing more is planned of what is over, and it is on record about how many that leaves out; returns how many messages."""
    over = Message.objects.filter(_OVER, Exists(PlanStep.objects.filter(message=OuterRef("pk"))))
    return sum(_unplan(pk, now) for pk in over.values_list("pk", flat=True))


def _unplan(message_id: int, now: datetime) -> bool:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        message = Message.objects.select_for_update(no_key=True).filter(_OVER, pk=message_id).first()
        if message is None:
            return False
        if message.planned_at is None and message.unplanned is None:
            about = leave_unplanned(message)
            work.record("message.left_unplanned", subject=f"message:{message.public_id}", body={"never_planned_about": about})
        PlanStep.objects.filter(message=message).delete()
        return True


def leave_unplanned(message: Message) -> int:
    """Puts on record about how many were never planned, of a message whose row is locked; returns that. Zero where its plan is whole."""
    if message.planned_at is not None or not PlanStep.objects.filter(message=message).exists():
        return 0
    about = about_unplanned(message)
    Message.objects.filter(pk=message.pk).update(unplanned=about)
    return about


def _end(message_id: int | None) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_END, [message_id, message_id, RUNS_AT_ONCE])
        return int(cursor.fetchone()[0])
