"""Closing a message whose last delivery has come to an end: one entry in the log for the whole batch."""

from collections.abc import Collection
from datetime import UTC, datetime

from django.db.models import Count, Exists, OuterRef
from django.db.models.functions import Now

from accounts.actors import system
from audit.rules.merkle import leaf_hash, root_of
from audit.services import unit_of_work
from core.canonical import canonical_json
from notifications.models import AttemptOutcome, Delivery, Message
from notifications.rules.states import OPEN

ACTOR = system("delivery")


def settle(*, now: datetime, message_ids: Collection[int] | None = None) -> int:
    """Records `deliveries.batch` for each unfinished message without open deliveries (among `message_ids`, else all).

    The entry holds the count of attempts, their RFC 6962 root and the deliveries per state. Returns how many were closed.
    """
    open_ones = Delivery.objects.filter(message=OuterRef("pk"), state__in=sorted(OPEN))
    ready = Message.objects.filter(~Exists(open_ones), finished_at__isnull=True)
    if message_ids is not None:
        ready = ready.filter(pk__in=message_ids)
    return sum(_close(pk, now) for pk in ready.values_list("pk", flat=True))


def _close(message_id: int, now: datetime) -> bool:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        message = Message.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=message_id, finished_at__isnull=True).first()
        if message is None:
            return False
        states = Delivery.objects.filter(message=message).values_list("state").annotate(n=Count("id")).order_by("state")
        leaves = attempt_leaves(message)
        Message.objects.filter(pk=message.pk).update(finished_at=Now())
        work.record(
            "deliveries.batch",
            subject=f"message:{message.public_id}",
            body={"attempts": len(leaves), "root": root_of(leaves).hex(), "deliveries": dict(states)},
        )
        return True


def attempt_leaves(message: Message) -> list[bytes]:
    """The leaf hash of each finished attempt of the message, oldest first; input: the RFC 8785 form of its facts."""
    rows = (
        AttemptOutcome.objects.filter(attempt__delivery__message=message)
        .order_by("attempt_id")
        .values_list("attempt__delivery__key", "attempt__number", "attempt__started_at", "outcome", "code", "at")
    )
    return [
        leaf_hash(
            canonical_json(
                {"key": str(key), "number": number, "started_at": _iso(started), "outcome": outcome, "code": code, "at": _iso(at)}
            )
        )
        for key, number, started, outcome, code, at in rows.iterator(chunk_size=2000)
    ]


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
