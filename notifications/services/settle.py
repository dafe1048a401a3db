"""Closing a message whose last delivery has come to an end: one entry in the log for the whole batch."""

from collections.abc import Collection, Iterator
from datetime import datetime
from itertools import chain

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from accounts.actors import system
from audit.rules.merkle import RootBuilder
from audit.services import unit_of_work
from notifications.models import DeliveryRun, Message
from notifications.queries.counts import counts_of
from notifications.queries.fallback import awaits_fallback
from notifications.services.rows import array

ACTOR = system("delivery")
_AT_ONCE = 4_096

# The leaf hash of RFC 6962 over the RFC 8785 form of an attempt's facts, made where the rows are: of a million attempts, a million
# hashes come over the wire and nothing else. A test compares it with the same made in Python.
_LEAVES = """
SELECT sha256('\\x00'::bytea || convert_to(
    '{"at":"' || to_char(o.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00","code":' || o.code
    || ',"key":"' || d.key || '","number":' || a.number || ',"outcome":"' || o.outcome
    || '","started_at":"' || to_char(a.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00"}', 'UTF8'))
FROM notifications_delivery d JOIN notifications_deliveryattempt a ON a.delivery_id = d.id
JOIN notifications_attemptoutcome o ON o.attempt_id = a.id
WHERE d.id = ANY(%s::bigint[]) ORDER BY d.id, a.number
"""
# The same for what one row says of many: one leaf an answer, which names each of its deliveries by key, by ascending id.
_WINDOW_LEAVES = """
SELECT sha256('\\x00'::bytea || convert_to(
    '{"at":"' || to_char(o.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00","code":' || o.code || ',"keys":["'
    || (SELECT string_agg(d.key::text, '","' ORDER BY d.id) FROM unnest(o.deliveries) x JOIN notifications_delivery d ON d.id = x)
    || '"],"number":1,"outcome":"' || o.outcome
    || '","started_at":"' || to_char(w.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '+00:00"}', 'UTF8'))
FROM notifications_windowattempt w JOIN notifications_windowoutcome o ON o.window_id = w.id WHERE w.message_id = %s ORDER BY o.id
"""
# How many attempts there were in all, and how many of them in windows' outcomes.
_ATTEMPTS = """
SELECT (SELECT coalesce(sum(attempt_count), 0) FROM notifications_delivery WHERE message_id = %s),
    (SELECT coalesce(sum(cardinality(o.deliveries)), 0) FROM notifications_windowattempt w
     JOIN notifications_windowoutcome o ON o.window_id = w.id WHERE w.message_id = %s)
"""
# Of a message that was planned a moment ago the statistics know nothing: the plan is held to the indexes.
_BY_INDEX = "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
_FREELY = "SET LOCAL enable_seqscan = on; SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on"


def settle(*, now: datetime, message_ids: Collection[int] | None = None) -> int:
    """Records `deliveries.batch` for each unfinished message of which nothing is open (among `message_ids`, else all).

    It is planned whole, or it is on record that the rest never will be. The entry holds the count of attempts, the RFC 6962 root over
    them (a leaf for each, or one for all that an answer to a window names) and the deliveries per state. Returns how many were closed.
    Whatever is open belongs to a run, so a message without runs is done, unless the next channel may still be planned for somebody.
    """
    ready = Message.objects.filter(
        ~Exists(DeliveryRun.objects.filter(message=OuterRef("pk"))),
        Q(planned_at__isnull=False) | Q(unplanned__isnull=False),
        finished_at__isnull=True,
    )
    if message_ids is not None:
        ready = ready.filter(pk__in=message_ids)
    return sum(_close(pk, now) for pk in ready.values_list("pk", flat=True))


def _close(message_id: int, now: datetime) -> bool:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        message = Message.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=message_id, finished_at__isnull=True).first()
        if message is None or DeliveryRun.objects.filter(message=message).exists() or awaits_fallback(message):
            return False
        built, (attempts, _) = RootBuilder(), _attempts(message)
        for leaves in _leaves_by_piece(message):
            built.add_all(leaves)
        Message.objects.filter(pk=message.pk).update(finished_at=Now())
        states = {state: number for state, number in sorted(counts_of([message.pk])[message.pk].items()) if number}
        work.record(
            "deliveries.batch",
            subject=f"message:{message.public_id}",
            body={"attempts": attempts, "root": built.root().hex(), "deliveries": states}
            | ({} if message.unplanned is None else {"never_planned_about": message.unplanned}),
        )
        return True


def attempt_leaves(message: Message) -> Iterator[bytes]:
    """The leaf hash of each finished attempt of the message, delivery by delivery; then those of what windows hold for many."""
    return chain.from_iterable(_leaves_by_piece(message))


def _attempts(message: Message) -> tuple[int, int]:
    """All attempts of the message, and those of them that windows hold."""
    with connection.cursor() as cursor:
        cursor.execute(_ATTEMPTS, [message.pk, message.pk])
        in_all, in_windows = cursor.fetchone()
        return int(in_all), int(in_windows)


def _leaves_by_piece(message: Message) -> Iterator[list[bytes]]:
    in_all, in_windows = _attempts(message)
    with transaction.atomic(), connection.chunked_cursor() as ids, connection.cursor() as cursor:
        cursor.execute(_BY_INDEX)
        # Where windows hold all of them no delivery is asked for attempts of its own.
        if in_all > in_windows:
            ids.execute("SELECT id FROM notifications_delivery WHERE message_id = %s ORDER BY id", [message.pk])
            while piece := ids.fetchmany(_AT_ONCE):
                cursor.execute(_LEAVES, [array(row[0] for row in piece)])
                yield [bytes(leaf) for (leaf,) in cursor.fetchall()]
        if in_windows:
            cursor.execute(_WINDOW_LEAVES, [message.pk])
            yield [bytes(leaf) for (leaf,) in cursor.fetchall()]
        cursor.execute(_FREELY)
