"""Taking in what a provider tells afterwards: each piece once, its delivery forward, its address stopped where it should be."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection

from accounts.actors import Actor
from audit.services import unit_of_work
from notifications.models import Delivery, ProviderEvent
from notifications.rules.states import DeliveryState
from notifications.services.callbacks import Callback, record_callbacks
from notifications.services.follow_tests import follow_tests, tested
from notifications.services.news import News
from stakeholders.models import ContactPoint
from stakeholders.rules.kinds import SuppressionKind
from stakeholders.services.bounces import record_delivered, record_soft_bounce
from stakeholders.services.stop_writing import suppress_contact_point

KEPT = timedelta(days=3)
"""Longer than any provider repeats itself, and longer than a signature is accepted (`notifications.views.signatures`)."""
_ONCE = """
INSERT INTO notifications_providerevent (provider, event, received_at)
SELECT %s, e, %s FROM unnest(%s::text[]) AS e ON CONFLICT DO NOTHING RETURNING event
"""


def take_in(*, actor: Actor, now: datetime, provider: str, news: Sequence[News]) -> int:
    """Acts on what was not heard before and is about a delivery or a test of ours; returns how many pieces that were.

    All or nothing: after a failure the provider tells it again.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        keys = {piece.key for piece in news}
        points = dict(Delivery.objects.filter(key__in=keys).values_list("key", "contact_point_id"))
        tests = tested(keys - points.keys())
        ours = {piece.event[:120]: piece for piece in news if piece.key in points or piece.key in tests}
        heard = [ours[event] for event in heard_first(provider=provider, now=now, events=list(ours))]
        follow_tests(work, [piece for piece in heard if piece.key in tests])
        fresh = [piece for piece in heard if piece.key in points]
        _weigh(actor, now, provider, fresh, points)
        told = [Callback(provider, piece.state, piece.at, key=piece.key, detail=piece.detail) for piece in fresh if piece.state]
        if told:
            record_callbacks(actor=actor, now=now, callbacks=told)
        return len(heard)


def heard_first(*, provider: str, now: datetime, events: Sequence[str]) -> list[str]:
    """Notes the events; returns those that were not noted before."""
    with connection.cursor() as cursor:
        cursor.execute(_ONCE, [provider, now, list(events)])
        return [row[0] for row in cursor.fetchall()]


def forget_old_events(*, now: datetime, most: int = 10_000) -> int:
    """Deletes what nobody repeats any more; returns how many."""
    old = ProviderEvent.objects.filter(received_at__lt=now - KEPT).values("pk")[:most]
    return ProviderEvent.objects.filter(pk__in=old).delete()[0]


def _weigh(actor: Actor, now: datetime, provider: str, news: Sequence[News], points: Mapping[uuid.UUID, int | None]) -> None:
    arrived = [point for piece in news if piece.state is DeliveryState.DELIVERED and (point := points[piece.key])]
    record_delivered(contact_points=arrived)
    concerned = {points[piece.key] for piece in news if piece.suppress or piece.soft}
    found = ContactPoint.objects.in_bulk([point for point in concerned if point is not None])
    # In the order of the addresses, as everybody locks them.
    for piece in sorted(news, key=lambda piece: _place(found.get(points[piece.key] or 0))):
        address = found.get(points[piece.key] or 0)
        if address is None:
            continue
        if piece.suppress:
            kind = SuppressionKind(piece.suppress)
            suppress_contact_point(actor=actor, now=now, contact_point=address, reason=f"{provider}: {piece.detail}", kind=kind)
        elif piece.soft:
            record_soft_bounce(actor=actor, now=now, contact_point=address, detail=piece.detail)


def _place(address: ContactPoint | None) -> tuple[str, str]:
    return (address.kind, address.address.lower()) if address else ("", "")
