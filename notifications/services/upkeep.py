"""Keeping the counters short: shards are folded into one row, paces of yesterday are forgotten."""

from datetime import datetime, timedelta

from django.db import connection, transaction

KEPT = timedelta(days=1)
PIECE = 10_000
MESSAGES_AT_ONCE = 20
MANY = 200
"""Rows of a message under way that are folded before it is finished: so many sessions have counted for it."""
FOLDED = 0
"""The shard of no session."""

_WORTH_IT = """
SELECT t.message_id FROM (SELECT message_id, count(*) AS n FROM {table} WHERE shard <> 0 GROUP BY message_id) t
JOIN notifications_message m ON m.id = t.message_id
WHERE m.finished_at IS NOT NULL OR t.n >= %s ORDER BY t.message_id LIMIT %s
"""
# A row that a session is counting in at this moment is left for the next time, so that nobody waits for anybody in a circle. Taking the
# rows away and putting their sum down are one statement: whoever adds up the shards sees all of them before or all of them after.
_FOLD = """
WITH mine AS MATERIALIZED (
    SELECT id FROM {table} WHERE message_id = %(message)s AND shard <> 0 ORDER BY id FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM {table} t USING mine WHERE t.id = mine.id RETURNING t.*
), folded AS (
    INSERT INTO {table} AS t (message_id, {key}, shard, {sums})
    SELECT message_id, {key}, 0, {summed} FROM gone GROUP BY message_id, {key} ORDER BY {key}
    ON CONFLICT (message_id, {key}, shard) DO UPDATE SET {added}
)
SELECT count(*) FROM gone
"""
_COUNTERS = {
    "table": "notifications_messagecounter",
    "key": "channel, state, provider",
    "sums": "count, first_id, last_id",
    "summed": "sum(count), min(first_id), max(last_id)",
    "added": "count = t.count + EXCLUDED.count, first_id = least(t.first_id, EXCLUDED.first_id),"
    " last_id = greatest(t.last_id, EXCLUDED.last_id)",
}
_CAUSES = {
    "table": "notifications_causecounter",
    "key": "channel, state, cause",
    "sums": "count",
    "summed": "sum(count)",
    "added": "count = t.count + EXCLUDED.count",
}
_OLD = """
DELETE FROM notifications_messagepace WHERE id IN (
    SELECT id FROM notifications_messagepace WHERE slot < %s ORDER BY slot LIMIT %s FOR UPDATE SKIP LOCKED
)
"""


def fold_counters() -> int:
    """Of messages that are finished, or that many sessions have counted for; returns how many rows became part of another.

    Never called in a transaction that moves deliveries: others would wait for its end.
    """
    return sum(_fold_all(table) for table in (_COUNTERS, _CAUSES))


def _fold_all(table: dict[str, str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_WORTH_IT.format(**table), [MANY, MESSAGES_AT_ONCE])
        messages = [row[0] for row in cursor.fetchall()]
    return sum(_fold(table, message) for message in messages)


def _fold(table: dict[str, str], message: int) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        # One folds at a time: the row they would put the sum down in is the same.
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)", [table["table"], message % 2**31])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(_FOLD.format(**table), {"message": message})
        return int(cursor.fetchone()[0])


def forget_old_paces(*, now: datetime) -> int:
    """Deletes paces older than a day, a piece at a time; returns how many. Nobody asks for more than the last minute."""
    with connection.cursor() as cursor:
        cursor.execute(_OLD, [now - KEPT, PIECE])
        return int(cursor.rowcount)
