"""Working off a message's plan: audience after audience, the first lane first, in pieces of which each commits with its own place.

The release's transaction writes the passes (`PlanStep`) and plans a first piece; workers plan the rest. Those planned are the people
of that moment: ids beyond the highest one then are passed over, and who has left since, or is suppressed, is not written to anyway.

Between two passes people change their tier, their lists and their addresses. So passes are worked off in their order, and what the last
ones leave out is told by what was planned, not by what is so at that moment: `plan_sources.py`.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, Max, Min, OuterRef
from django.db.models.functions import Now

from accounts.actors import system
from audit.services import unit_of_work
from notifications.models import Delivery, Message, MessageCounter, PlanStep
from notifications.queries.counts import counts_by_channel, counts_of
from notifications.queries.earlier import earlier_messages
from notifications.rules.lanes import lanes_of
from notifications.rules.routing import Way
from notifications.rules.states import Lane
from notifications.services.plan_rows import Piece, insert_from
from notifications.services.plan_sources import is_over_earlier, source_of
from stakeholders.models import Audience, ContactPoint

ACTOR = system("notifications")
PIECE = 20_000
FIRST_PIECES = 5000
"""So many deliveries are planned in the release's own transaction at most, or that many more."""
RANGE = 100_000
"""Ids of earlier deliveries that are looked through at once for whoever would not hear the end."""
PLANNERS = 4
"""Into so many parts a pass is halved at most: each worker works off one of them."""
# A pass begins when those before it are committed.
_earlier = PlanStep.objects.filter(message=OuterRef("message"), position__lt=OuterRef("position"))


def write_steps(message: Message, audiences: Sequence[Audience], ways: Mapping[str, Way]) -> None:
    """The passes of a message over its audiences, which are in their order, each by the channels of its way.

    First those whom a lane takes out of all audiences, lane by lane; then, audience by audience, whoever is left; at last whoever has
    come to an audience after its pass.
    """
    lanes = {audience: lanes_of(audience_is_internal=audience.is_internal) for audience in audiences}
    first = [(lane, audience, False) for lane in Lane for audience in audiences if lane in lanes[audience][:-1]]
    left = [(lanes[audience][-1], audience, False) for audience in audiences]
    joined = [(lanes[audience][-1], audience, True) for audience in audiences[:-1]]
    wanted = [(*one, channel) for one in [*first, *left, *joined] for channel in ways[one[1].key].kinds]
    _write(message, wanted, upto=ContactPoint.objects.aggregate(highest=Max("pk"))["highest"] or 0)


def write_correcting_steps(message: Message, *, channels: Sequence[str]) -> None:
    """The passes of a correction: over the deliveries of what it corrects, by the channels that they came by."""
    wanted = [(lane, None, False, channel) for lane in Lane for channel in channels]
    _write(message, wanted, upto=Delivery.objects.aggregate(highest=Max("pk"))["highest"] or 0)


def write_earlier_steps(message: Message, *, channels: Sequence[str]) -> None:
    """The passes of a last update over whoever was sent an earlier one of the incident and belongs to none of its audiences any more."""
    earlier = list(earlier_messages(message.incident_id or 0, before=message.pk).values_list("pk", flat=True))
    used = {channel for by_channel in counts_by_channel(earlier).values() for channel in by_channel}
    bounds = MessageCounter.objects.filter(message__in=earlier).aggregate(first=Min("first_id"), last=Max("last_id"))
    if bounds["first"] is None:
        return
    last = PlanStep.objects.filter(message=message).aggregate(last=Max("position"))["last"] or 0
    wanted = [(lane, channel) for lane in Lane for channel in channels if channel in used]
    PlanStep.objects.bulk_create(
        PlanStep(message=message, position=number, channel=channel, lane=lane, after_id=bounds["first"] - 1, upto_id=bounds["last"])
        for number, (lane, channel) in enumerate(wanted, start=last + 1)
    )


def write_drill_steps(message: Message, audience: Audience, *, lane: Lane, channels: Sequence[str]) -> None:
    """The passes of a drill over its audience: everybody in one lane, by each channel that they have an address for."""
    wanted = [(lane, audience, False, channel) for channel in channels]
    _write(message, wanted, upto=ContactPoint.objects.aggregate(highest=Max("pk"))["highest"] or 0)


def _write(message: Message, wanted: Sequence[tuple[Lane, Audience | None, bool, str]], *, upto: int) -> None:
    PlanStep.objects.bulk_create(
        PlanStep(message=message, position=number, channel=channel, lane=lane, audience=audience, joined=joined, upto_id=upto)
        for number, (lane, audience, joined, channel) in enumerate(wanted, start=1)
    )


def plan_first_pieces(message: Message) -> int:
    """Plans what is small at once, and of what is large the beginning; returns how many deliveries. Needs a transaction."""
    planned = 0
    steps = PlanStep.objects.filter(message=message).select_related("message__release__update_of", "audience").order_by("position")
    while planned < FIRST_PIECES and (step := steps.first()) is not None:
        if is_over_earlier(step) and step.upto_id - step.after_id > RANGE:
            break
        planned += _plan_piece(step, size=FIRST_PIECES).planned
    _close_plans(message.pk)
    return planned


def expand_for(seconds: float, *, now: datetime) -> int:
    """Plans pieces until nothing is left to plan or the time is up; returns how many deliveries."""
    until, planned = time.monotonic() + seconds, 0
    while True:
        with transaction.atomic():
            step = (
                PlanStep.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
                .select_related("message__release__update_of", "audience")
                .filter(~Exists(_earlier), message__ended_as="", message__expires_at__gt=Now(), message__paused_at__isnull=True)
                .order_by("lane", "message", "position", "after_id")
                .first()
            )
            if step is None:
                break
            planned += _plan_piece(step, size=PIECE).planned
        if time.monotonic() > until:
            break
    for pk in _close_plans(None):
        _tell_whole(pk, now)
    return planned


def _plan_piece(step: PlanStep, *, size: int) -> Piece:
    source, params = source_of(step, RANGE if is_over_earlier(step) else size)
    piece = insert_from(step.message, source, params, lane=step.lane, channel=step.channel, purpose=step.message.kind)
    if is_over_earlier(step):
        # A piece is a range of ids, whatever is found in it.
        _next_range(step)
    elif piece.read < size or piece.last is None:
        step.delete()
    else:
        step.after_id = piece.last
        step.save(update_fields=["after_id"])
        _halve(step)
    return piece


def _next_range(step: PlanStep) -> None:
    step.after_id += RANGE
    if step.after_id >= step.upto_id:
        step.delete()
    else:
        step.save(update_fields=["after_id"])


def _halve(step: PlanStep) -> None:
    """Leaves the upper half of what is left to another worker, where it is much and not in parts already."""
    left = step.upto_id - step.after_id
    if left <= 2 * PIECE or PlanStep.objects.filter(message=step.message, position=step.position).count() >= PLANNERS:
        return
    upto, step.upto_id = step.upto_id, step.after_id + left // 2
    step.save(update_fields=["upto_id"])
    PlanStep.objects.create(
        message=step.message,
        position=step.position,
        channel=step.channel,
        lane=step.lane,
        audience=step.audience,
        joined=step.joined,
        after_id=step.upto_id,
        upto_id=upto,
    )


def _close_plans(message_id: int | None) -> list[int]:
    """Notes of each message without passes left that its plan is whole; returns those. Where it ended before, that is on record."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_message m SET planned_at = clock_timestamp()"
            " WHERE planned_at IS NULL AND unplanned IS NULL AND finished_at IS NULL AND (%s::bigint IS NULL OR id = %s)"
            " AND NOT EXISTS (SELECT 1 FROM notifications_planstep p WHERE p.message_id = m.id) RETURNING id",
            [message_id, message_id],
        )
        return [row[0] for row in cursor.fetchall()]


def _tell_whole(message_id: int, now: datetime) -> None:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        message = Message.objects.get(pk=message_id)
        planned = sum(counts_of([message_id])[message_id].values())
        work.record("message.planned_whole", subject=f"message:{message.public_id}", body={"planned": planned})
