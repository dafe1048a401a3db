"""What providers say afterwards: delivered, bounced, undelivered. It moves a delivery forward only, whatever order it comes in."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models.functions import Lower

from accounts.actors import Actor, system
from audit.services import unit_of_work
from core.errors import NotFound
from notifications.rules.states import RANKS, DeliveryState
from stakeholders.models import ContactPoint
from stakeholders.rules.kinds import SuppressionKind
from stakeholders.services.stop_writing import suppress_contact_point

ACTOR = system("delivery")
CHUNK = 1000
GIVEN_UP = timedelta(days=7)

_KEEP = """
INSERT INTO notifications_deliverycallback (provider, provider_id, key, state, detail, at, received_at)
SELECT c.provider, c.provider_id, c.key, c.state, c.detail, c.at, clock_timestamp()
FROM unnest(%s::text[], %s::text[], %s::uuid[], %s::text[], %s::text[], %s::timestamptz[])
    AS c(provider, provider_id, key, state, detail, at)
ON CONFLICT DO NOTHING RETURNING id
"""
# News of a delivery that a worker is sending right now waits: its attempt is not closed yet. Known deliveries at rest are moved, if
# that is forward; news that would move backward is applied by changing nothing.
_APPLY = """
WITH waiting AS MATERIALIZED (
    SELECT c.id, c.key, c.provider, c.provider_id, c.state, c.detail, c.at, c.received_at FROM notifications_deliverycallback c
    WHERE c.applied_at IS NULL AND (%s::bigint[] IS NULL OR c.id = ANY(%s::bigint[])) ORDER BY c.received_at LIMIT %s FOR UPDATE SKIP LOCKED
), named AS (
    SELECT w.*, coalesce(k.id, a.delivery_id) AS delivery FROM waiting w
    LEFT JOIN notifications_delivery k ON k.key = w.key
    LEFT JOIN notifications_attemptoutcome o ON o.provider_id = w.provider_id AND w.provider_id <> ''
    LEFT JOIN notifications_deliveryattempt a ON a.id = o.attempt_id AND a.provider = w.provider
), ranked AS (
    SELECT n.*, d.state AS stands, d.ambiguous, d.contact_point_id, r.rank AS told_rank, s.rank AS stands_rank,
        row_number() OVER (PARTITION BY d.id ORDER BY r.rank DESC, n.at DESC) AS place
    FROM named n JOIN notifications_delivery d ON d.id = n.delivery
    JOIN (VALUES {ranks}) AS r(state, rank) ON r.state = n.state
    LEFT JOIN (VALUES {ranks}) AS s(state, rank) ON s.state = d.state
    WHERE d.state <> 'sending' AND (d.state NOT IN ('planned', 'queued', 'retry_wait') OR d.ambiguous > 0)
), moved AS (
    UPDATE notifications_delivery d
    SET state = r.state, reason = CASE WHEN r.state IN ('accepted', 'delivered') THEN '' ELSE r.detail END,
        closed_at = coalesce(d.closed_at, clock_timestamp())
    FROM ranked r WHERE d.id = r.delivery AND r.place = 1 AND d.state = r.stands
        AND (r.told_rank > r.stands_rank OR (r.stands IN ('queued', 'retry_wait') AND d.ambiguous > 0))
    RETURNING d.id, d.contact_point_id, d.state
), done AS (
    UPDATE notifications_deliverycallback c SET applied_at = clock_timestamp()
    WHERE c.id IN (SELECT id FROM ranked)
        OR (c.id IN (SELECT id FROM waiting) AND c.received_at < clock_timestamp() - make_interval(secs => %s))
)
SELECT id, contact_point_id, state FROM moved
""".format(ranks=", ".join(f"('{state.value}', {rank})" for state, rank in RANKS.items()))  # noqa: S608 - words of our own


@dataclass(frozen=True, slots=True)
class Callback:
    """One piece of news. `key` is ours, `provider_id` the provider's name for the attempt; one of them must be there.

    `detail` is fit for a log and holds no address.
    """

    provider: str
    state: DeliveryState
    at: datetime
    key: uuid.UUID | None = None
    provider_id: str = ""
    detail: str = ""


def record_callbacks(*, actor: Actor, now: datetime, callbacks: Sequence[Callback]) -> int:
    """Keeps what was told, each piece once, and applies what can be; returns how many deliveries moved.

    Raises `NotFound` for a state that no provider can tell of, or news that names no delivery.
    """
    if any(c.state not in RANKS or (c.key is None and not c.provider_id) for c in callbacks):
        raise NotFound
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute(
            _KEEP,
            [
                [c.provider for c in callbacks],
                [c.provider_id for c in callbacks],
                [str(c.key) if c.key else None for c in callbacks],
                [c.state.value for c in callbacks],
                [c.detail[:200] for c in callbacks],
                [c.at for c in callbacks],
            ],
        )
        fresh = [row[0] for row in cursor.fetchall()]
        return _apply(actor, now, fresh) if fresh else 0


def record_callback(
    *,
    actor: Actor,
    now: datetime,
    provider: str,
    state: DeliveryState,
    at: datetime,
    key: uuid.UUID | None = None,
    provider_id: str = "",
    detail: str = "",
) -> int:
    """One piece of news; see `record_callbacks`."""
    return record_callbacks(actor=actor, now=now, callbacks=[Callback(provider, state, at, key, provider_id, detail)])


def apply_waiting_callbacks(*, now: datetime) -> int:
    """Applies what came while the delivery was being sent; gives up on what names no delivery after a week."""
    return _apply(ACTOR, now, None)


def _apply(actor: Actor, now: datetime, ids: Sequence[int] | None) -> int:
    with unit_of_work(actor=actor.ref, now=now), connection.cursor() as cursor:
        chosen = list(ids) if ids is not None else None
        cursor.execute(_APPLY, [chosen, chosen, len(chosen) if chosen else CHUNK, GIVEN_UP.total_seconds()])
        moved = cursor.fetchall()
        bounced = [contact_point for _, contact_point, state in moved if state == DeliveryState.BOUNCED and contact_point is not None]
        for address in ContactPoint.objects.filter(pk__in=bounced).order_by("kind", Lower("address")):
            suppress_contact_point(actor=actor, now=now, contact_point=address, reason="bounced", kind=SuppressionKind.BOUNCE)
        return len(moved)
