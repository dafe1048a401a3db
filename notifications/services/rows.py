"""The guarded statements on deliveries. Only the database's clock counts; every change names the state and the fence it expects."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection

from notifications.rules.retry import Next
from notifications.rules.states import Outcome

_CLAIM = """
WITH due AS (
    SELECT id FROM notifications_delivery w
    WHERE state IN ('planned', 'queued', 'retry_wait') AND due_at <= clock_timestamp() AND channel = %s
      AND EXISTS (SELECT 1 FROM notifications_message m WHERE m.id = w.message_id AND m.expires_at > clock_timestamp()
                  AND m.stopped_reason = '')
      AND NOT EXISTS (SELECT 1 FROM notifications_channelpause p WHERE p.channel = %s AND p.until > clock_timestamp())
    ORDER BY lane, due_at, id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE notifications_delivery d SET state = 'leased', fence = fence + 1, lease_until = clock_timestamp() + make_interval(secs => %s)
FROM due WHERE d.id = due.id RETURNING d.id, d.fence
"""
_OPEN = """
WITH opened AS (
    UPDATE notifications_delivery d
    SET state = 'sending', attempt_count = attempt_count + 1, lease_until = clock_timestamp() + make_interval(secs => %s)
    FROM unnest(%s::bigint[], %s::bigint[]) AS w(id, fence)
    WHERE d.id = w.id AND d.fence = w.fence AND d.state = 'leased' AND d.lease_until > clock_timestamp()
    RETURNING d.id, d.attempt_count, d.fence
)
INSERT INTO notifications_deliveryattempt (delivery_id, number, fence, provider, started_at)
SELECT id, attempt_count, fence, %s, clock_timestamp() FROM opened RETURNING delivery_id, id
"""
_CLOSE = """
WITH result AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::int[], %s::text[], %s::text[], %s::text[], %s::float[],
        %s::int[], %s::int[]) AS r(attempt, delivery, fence, outcome, code, detail, provider_id, state, wait, try, ambiguous)
), held AS (
    UPDATE notifications_delivery d
    SET state = r.state, reason = CASE WHEN r.state = 'accepted' THEN '' ELSE r.detail END, lease_until = NULL,
        tries = tries + r.try, ambiguous = d.ambiguous + r.ambiguous,
        due_at = clock_timestamp() + make_interval(secs => r.wait),
        closed_at = CASE WHEN r.state IN ('queued', 'retry_wait') THEN NULL ELSE clock_timestamp() END
    FROM result r WHERE d.id = r.delivery AND d.fence = r.fence AND d.state = 'sending'
    RETURNING d.id, r.attempt, r.outcome, r.code, r.detail, r.provider_id
), told AS (
    INSERT INTO notifications_attemptoutcome (attempt_id, outcome, code, detail, provider_id, at)
    SELECT attempt, outcome, code, detail, provider_id, clock_timestamp() FROM held
)
SELECT id FROM held
"""
_GIVE_BACK = """
UPDATE notifications_delivery d SET state = 'queued', lease_until = NULL
FROM unnest(%s::bigint[], %s::bigint[]) AS w(id, fence) WHERE d.id = w.id AND d.fence = w.fence AND d.state = 'leased'
"""
_SUPPRESS = """
UPDATE notifications_delivery d SET state = 'suppressed', reason = w.reason, lease_until = NULL, closed_at = clock_timestamp()
FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS w(id, fence, reason)
WHERE d.id = w.id AND d.fence = w.fence AND d.state = 'leased'
"""
_PAUSE = """
INSERT INTO notifications_channelpause AS p (channel, until, reason, failures)
VALUES (%s, clock_timestamp() + interval '1 second', %s, 1)
ON CONFLICT (channel) DO UPDATE SET reason = EXCLUDED.reason, failures = p.failures + 1,
    until = clock_timestamp() + least(interval '60 seconds', interval '1 second' * power(2, least(p.failures, 10))) * (0.5 + random() / 2)
WHERE p.until <= clock_timestamp()
"""


@dataclass(frozen=True)
class Held:
    """A delivery this worker holds, as long as the fence is the row's."""

    id: int
    fence: int


@dataclass(frozen=True)
class Result:
    """What one open attempt came to."""

    held: Held
    attempt: int
    outcome: Outcome
    code: int
    detail: str
    next: Next
    provider_id: str = ""


def claim(channel: str, limit: int, lease: timedelta) -> list[Held]:
    """Takes up to `limit` due deliveries, lane by lane, skipping what others hold; nothing while the channel rests."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [channel, channel, limit, lease.total_seconds()])
        return [Held(*row) for row in cursor.fetchall()]


def open_attempts(held: Sequence[Held], lease: timedelta, provider: str = "smtp") -> dict[int, int]:
    """Opens an attempt for each that is still ours and renews its lease: `{delivery: attempt}`. Commit before sending."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [lease.total_seconds(), [h.id for h in held], [h.fence for h in held], provider])
        return dict(cursor.fetchall())


def close_attempts(results: Sequence[Result]) -> set[int]:
    """Writes outcomes and moves the deliveries on; returns those that were still ours."""
    if not results:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            _CLOSE,
            [
                [r.attempt for r in results],
                [r.held.id for r in results],
                [r.held.fence for r in results],
                [r.outcome.value for r in results],
                [r.code for r in results],
                [r.detail for r in results],
                [r.provider_id for r in results],
                [r.next.state.value for r in results],
                [r.next.wait.total_seconds() for r in results],
                [int(r.next.counts_as_try) for r in results],
                [int(r.next.counts_as_ambiguous) for r in results],
            ],
        )
        return {row[0] for row in cursor.fetchall()}


def give_back(held: Sequence[Held]) -> None:
    """Puts back what was claimed and not begun."""
    if held:
        with connection.cursor() as cursor:
            cursor.execute(_GIVE_BACK, [[h.id for h in held], [h.fence for h in held]])


def suppress(reasons: dict[Held, str]) -> None:
    """Ends deliveries that may not be sent after all."""
    if reasons:
        with connection.cursor() as cursor:
            cursor.execute(_SUPPRESS, [[h.id for h in reasons], [h.fence for h in reasons], list(reasons.values())])


def pause(channel: str, reason: str) -> None:
    """Lets the channel rest: 1 s, doubling to 60 s with each failure in a row; already resting, nothing changes."""
    with connection.cursor() as cursor:
        cursor.execute(_PAUSE, [channel, reason])


def resume(channel: str) -> None:
    """The channel works."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM notifications_channelpause WHERE channel = %s", [channel])
