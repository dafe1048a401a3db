"""Working off a message's plan: audience after audience, the first lane first, in pieces of which each commits with its own place.

The release's transaction writes the passes (`PlanStep`) and plans a first piece; workers plan the rest. Those planned are the people
of that moment: ids beyond the highest one then are passed over, and who has left since, or is suppressed, is not written to anyway.
"""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from accounts.actors import system
from audit.services import unit_of_work
from notifications.models import Delivery, Message, PlanStep
from notifications.queries import got_or_may_have
from notifications.queries.counts import counts_of
from notifications.queries.routing import planned_recipients
from notifications.rules.lanes import lanes_of
from notifications.rules.routing import Way
from notifications.rules.states import Lane, MessageKind
from notifications.services.plan_rows import Piece, insert_from
from stakeholders.models import Audience, ContactPoint, Stakeholder
from stakeholders.rules.kinds import StakeholderKind, Tier

ACTOR = system("notifications")
PIECE = 20_000
FIRST_PIECES = 5000
"""So many deliveries are planned in the release's own transaction at most, or that many more."""
PLANNERS = 4
"""Into so many parts a pass is halved at most: each worker works off one of them."""


def write_steps(message: Message, audiences: Sequence[Audience], ways: Mapping[str, Way]) -> None:
    """The passes of a message over its audiences, each by the channels of its way."""
    wanted = [
        (lane, audience, channel)
        for lane in Lane
        for audience in audiences
        if lane in lanes_of(audience_is_internal=audience.is_internal)
        for channel in ways[audience.key].kinds
    ]
    _write(message, wanted, upto=ContactPoint.objects.aggregate(highest=Max("pk"))["highest"] or 0)


def write_correcting_steps(message: Message, *, channels: Sequence[str]) -> None:
    """The passes of a correction: over the deliveries of what it corrects, by the channels that they came by."""
    wanted = [(lane, None, channel) for lane in Lane for channel in channels]
    _write(message, wanted, upto=Delivery.objects.aggregate(highest=Max("pk"))["highest"] or 0)


def _write(message: Message, wanted: Sequence[tuple[Lane, Audience | None, str]], *, upto: int) -> None:
    PlanStep.objects.bulk_create(
        PlanStep(message=message, position=number, channel=channel, lane=lane, audience=audience, upto_id=upto)
        for number, (lane, audience, channel) in enumerate(wanted, start=1)
    )


def plan_first_pieces(message: Message) -> int:
    """Plans what is small at once, and of what is large the beginning; returns how many deliveries. Needs a transaction."""
    planned = 0
    for step in list(PlanStep.objects.filter(message=message).select_related("message__release__update_of", "audience")):
        while planned < FIRST_PIECES:
            piece = _plan_piece(step, size=FIRST_PIECES)
            planned += piece.planned
            if piece.read < FIRST_PIECES:
                break
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
                .filter(message__ended_as="", message__paused_at__isnull=True)
                .order_by("lane", "message", "position")
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
    source, params = _source(step, size)
    piece = insert_from(step.message, source, params, lane=step.lane, channel=step.channel, purpose=MessageKind.RELEASE)
    if piece.read < size or piece.last is None:
        step.delete()
    else:
        step.after_id = piece.last
        step.save(update_fields=["after_id"])
        _halve(step)
    return piece


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
        after_id=step.upto_id,
        upto_id=upto,
    )


def _source(step: PlanStep, size: int) -> tuple[str, dict[str, Any]]:
    """The SQL of the next piece's recipients, with named parameters."""
    release = step.message.release
    if step.audience is None:
        if release is None or release.update_of.corrects is None:
            raise RuntimeError("A pass without an audience is one over who got what a correction is about.")
        audiences = list(step.message.wording)
        got = got_or_may_have(release.update_of.corrects, audiences=audiences).filter(lane=step.lane, channel=step.channel)
        rows = got.filter(pk__gt=step.after_id, pk__lte=step.upto_id).order_by("pk")[:size]
        return _named(rows.values("pk", "contact_point_id", "user_id", "audience_id"), "place, contact_point, app_user, audience", "*")
    reached = _reached(step, step.audience).filter(pk__gt=step.after_id, pk__lte=step.upto_id).order_by("pk")[:size]
    columns = f"place, place AS contact_point, NULL::uuid AS app_user, {step.audience.pk}::bigint AS audience"
    return _named(reached.values("pk"), "place", columns)


def _reached(step: PlanStep, audience: Audience) -> "QuerySet[ContactPoint]":
    """The audience's addresses of that lane, by its route. An address that several audiences reach belongs to the first by position.

    Route and filter are those of the release, whatever became of them since.
    """
    reached = planned_recipients(step.message, audience, step.channel)
    earlier = [
        planned_recipients(step.message, other, step.channel)
        for other in Audience.objects.filter(key__in=list(step.message.wording)).order_by("position", "id")
        if (other.position, other.pk) < (audience.position, audience.pk)
    ]
    for others in earlier:
        reached = reached.filter(~Exists(others.filter(pk=OuterRef("pk"))))
    # In the very words of two small indexes: these people are found among a million without looking at the others.
    regulators = Stakeholder.objects.filter(kind=StakeholderKind.REGULATOR.value)
    accounts = Stakeholder.objects.filter(tier__in=[Tier.STRATEGIC.value, Tier.KEY.value])
    regulator, key = Q(stakeholder__in=regulators), Q(stakeholder__in=accounts)
    match Lane(step.lane):
        case Lane.FIRST:
            return reached.filter(regulator)
        case Lane.KEY_ACCOUNTS:
            return reached.filter(key, ~regulator)
        case Lane.SUBSCRIBERS:
            of_key_account, of_regulator = (
                Q(stakeholder__tier__in=[Tier.STRATEGIC, Tier.KEY]),
                Q(stakeholder__kind=StakeholderKind.REGULATOR),
            )
            return reached.filter(~of_key_account, ~of_regulator)
    return reached.filter(~Q(stakeholder__kind=StakeholderKind.REGULATOR))


def _named(rows: "QuerySet[Any, Any]", names: str, columns: str) -> tuple[str, dict[str, Any]]:
    """The query as SQL whose parameters have names, its columns called `names`, and `columns` made of them."""
    sql, params = rows.query.sql_with_params()
    called = [f"source_{number}" for number in range(len(params))]
    inner = sql % tuple(f"%({name})s" for name in called)
    return f"SELECT {columns} FROM ({inner}) q({names})", dict(zip(called, params, strict=True))  # noqa: S608 - words of our own


def _close_plans(message_id: int | None) -> list[int]:
    """Notes of each message without passes left that its plan is whole; returns those."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_message m SET planned_at = clock_timestamp() WHERE planned_at IS NULL AND finished_at IS NULL"
            " AND (%s::bigint IS NULL OR id = %s)"
            " AND NOT EXISTS (SELECT 1 FROM notifications_planstep p WHERE p.message_id = m.id) RETURNING id",
            [message_id, message_id],
        )
        return [row[0] for row in cursor.fetchall()]


def _tell_whole(message_id: int, now: datetime) -> None:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        message = Message.objects.get(pk=message_id)
        planned = sum(counts_of([message_id])[message_id].values())
        work.record("message.planned_whole", subject=f"message:{message.public_id}", body={"planned": planned})
