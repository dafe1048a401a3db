"""Whoever a channel does not reach, or not in time, is told by the next one of their route: a delivery that stands in for the first.

Two things are worked off, message by message and in pieces that commit by themselves: failures that nobody has looked at yet, and the
times after which what is still open counts as late (`FallbackStep`). One worker at a time decides for a message; the database holds that
an address gets a message once (`notifications_delivery_once`), however often this is called or killed (docs/decisions/0051).
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from accounts.actors import system
from audit.services import unit_of_work
from notifications.models import DeliveryFailure, FallbackStep, Message
from notifications.queries.counts import bounds_of
from notifications.rules.routing import Way
from notifications.rules.states import MessageKind
from notifications.services.fallback_rows import FAILED_ONES, LATE_ONES
from notifications.services.rows import GOING
from stakeholders.models import Audience

ACTOR = system("notifications")
PIECE = 5000
MESSAGES = 50
_CLASS = 0xFA11
# The share lock makes whoever stops, cancels, pauses, supersedes or closes the message wait for this, and the other way round.
_HOLD = f"""
SELECT ({GOING}), m.expires_at <= clock_timestamp() AND m.ended_as = '' FROM notifications_message m WHERE m.id = %s FOR SHARE OF m
"""  # noqa: S608 - of our own words
_ARMED = "SELECT NOT EXISTS (SELECT 1 FROM notifications_installation WHERE disarmed_at IS NOT NULL)"
# Nothing follows a notice, nor what was cancelled or superseded. A message that is over still has to say whom nothing reached.
_NOTHING_FOLLOWS = """
WITH those AS MATERIALIZED (
    SELECT f.delivery_id FROM notifications_deliveryfailure f JOIN notifications_message m ON m.id = f.message_id
    WHERE f.followed = '' AND (m.kind <> 'release' OR m.ended_as <> '') ORDER BY f.delivery_id LIMIT %s FOR NO KEY UPDATE OF f SKIP LOCKED
)
UPDATE notifications_deliveryfailure f SET followed = 'ended' FROM those t WHERE f.delivery_id = t.delivery_id
"""
_MOOT = """
DELETE FROM notifications_fallbackstep WHERE id IN (
    SELECT s.id FROM notifications_fallbackstep s JOIN notifications_message m ON m.id = s.message_id
    WHERE m.ended_as <> '' OR m.expires_at <= clock_timestamp() OR m.finished_at IS NOT NULL ORDER BY s.id FOR UPDATE OF s SKIP LOCKED
)
"""


@dataclass(frozen=True)
class Fallen:
    """What one piece came to."""

    planned: int = 0
    looked_at: int = 0
    unreached: int = 0


def watch_times(message: Message, audiences: Iterable[Audience], ways: Mapping[str, Way]) -> None:
    """Notes for each channel of the routes when it is late. Needs the transaction that plans the message."""
    FallbackStep.objects.bulk_create(
        FallbackStep(
            message=message,
            audience=audience,
            channel=step.channel,
            minutes=step.fallback_after,
            due_at=Now() + timedelta(minutes=step.fallback_after),
        )
        for audience in audiences
        for step in ways[audience.key].steps
        if step.fallback_after is not None
    )


def wait_anew(message_id: int | None = None) -> None:
    """Sending of a message, or of all, goes on after a rest: its channels have their whole time again."""
    steps = FallbackStep.objects.all() if message_id is None else FallbackStep.objects.filter(message=message_id)
    for minutes in set(steps.order_by().values_list("minutes", flat=True)):
        soonest = Now() + timedelta(minutes=minutes)
        steps.filter(minutes=minutes, due_at__lt=soonest).update(due_at=soonest)


def fall_back_for(seconds: float, *, now: datetime) -> int:
    """Works off what failed and what is late until nothing is left or the time is up; returns how many deliveries were planned.

    `now` is written into the log; what is late is told by the database's clock.
    """
    until, planned = time.monotonic() + seconds, 0
    with connection.cursor() as cursor:
        cursor.execute(_NOTHING_FOLLOWS, [PIECE])
        cursor.execute(_MOOT)
    for message_id in _with_work():
        while time.monotonic() < until:
            fallen = _one_piece(message_id, now)
            planned += fallen.planned
            if not fallen.looked_at:
                break
    return planned


def _with_work() -> list[int]:
    failed = DeliveryFailure.objects.filter(message=OuterRef("pk"), followed="")
    late = FallbackStep.objects.filter(message=OuterRef("pk"), due_at__lte=Now())
    over = Q(expires_at__lte=Now())
    going = Q(paused_at__isnull=True, stopped_reason="") | over
    found = Message.objects.filter(going, Exists(failed) | Exists(late), kind=MessageKind.RELEASE, ended_as="")
    return list(found.filter(Q(planned_at__isnull=False) | over).order_by("lane", "pk").values_list("pk", flat=True)[:MESSAGES])


def _one_piece(message_id: int, now: datetime) -> Fallen:
    """One transaction; nothing where another worker decides for this message."""
    with unit_of_work(actor=ACTOR.ref, now=now) as work, connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_CLASS, message_id % 2**31])
        if not cursor.fetchone()[0]:
            return Fallen()
        cursor.execute(_HOLD, [message_id])
        going, over = cursor.fetchone()
        cursor.execute(_ARMED)
        going = going and cursor.fetchone()[0]
        if not going and not over:
            return Fallen()
        message = Message.objects.select_related("release__update_of").get(pk=message_id)
        fallen = _run(FAILED_ONES, message, {"piece": PIECE, "may_plan": going})
        if not fallen.looked_at and going:
            fallen = _late(message)
        if fallen.planned:
            Message.objects.filter(pk=message_id, finished_at__isnull=False).update(finished_at=None)
        if fallen.planned or fallen.unreached:
            body = {"planned": fallen.planned, "unreached": fallen.unreached}
            work.record("deliveries.fell_back", subject=f"message:{message.public_id}", body=body)
        return fallen


def _late(message: Message) -> Fallen:
    """The next piece of what is late. The place is kept in the same transaction."""
    step = FallbackStep.objects.filter(message=message, due_at__lte=Now()).select_for_update(no_key=True, of=("self",)).first()
    if step is None:
        return Fallen()
    if step.upto_id is None:
        first, step.upto_id = bounds_of(message.pk)
        step.after_id = first - 1
    upto = min(step.after_id + PIECE, step.upto_id)
    named = {
        "after": step.after_id,
        "upto": upto,
        "audience": step.audience_id,
        "channel": step.channel,
        "again": step.again,
        "minutes": step.minutes,
        "may_plan": True,
    }
    fallen = _run(LATE_ONES, message, named)
    if upto >= step.upto_id:
        step.delete()
    else:
        step.after_id = upto
        step.save(update_fields=["after_id", "upto_id"])
    # The piece counts as work even where nothing in it was late: there may be more.
    return Fallen(fallen.planned, max(fallen.looked_at, 1))


def _run(statement: str, message: Message, named: dict[str, Any]) -> Fallen:
    newer = _newer(message)
    shared: dict[str, Any] = {
        "message": message.pk,
        "name": message.public_id,
        "purpose": MessageKind.RELEASE.value,
        "newer": [one.pk for one in newer],
        "told_anew": list(Audience.objects.filter(key__in={key for one in newer for key in one.wording}).values_list("pk", flat=True)),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, shared | named)
        return Fallen(*cursor.fetchone())


def _newer(message: Message) -> list[Message]:
    """Updates of the incident released after this one: what they say takes the place of what it says."""
    if message.release is None or message.release.update_of.kind != "update":
        return []
    return list(Message.objects.filter(incident=message.incident, pk__gt=message.pk, release__update_of__kind="update"))
