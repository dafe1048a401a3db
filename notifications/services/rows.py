"""The guarded statements on runs and deliveries. Only the database's clock counts; every change names the state or fence it expects.

A worker claims runs, opens the attempts of a window of their deliveries in one commit, sends, and closes them in another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection

from notifications.rules.retry import Next
from notifications.rules.states import WAITING, Outcome

# A message goes on while it is neither over, stopped, paused nor ended, and this database is the one that sends.
GOING = "m.expires_at > clock_timestamp() AND m.stopped_reason = '' AND m.paused_at IS NULL AND m.ended_as = ''"
GOES = f"{GOING} AND NOT EXISTS (SELECT 1 FROM notifications_installation i WHERE i.disarmed_at IS NOT NULL)"  # noqa: S608 - of our own words

# The locks on runs beyond those chosen last for this statement alone.
_CLAIM = f"""
WITH free AS MATERIALIZED (
    SELECT r.id, r.size, r.lane, r.due_at FROM notifications_deliveryrun r JOIN notifications_message m ON m.id = r.message_id
    WHERE r.channel = %s AND r.lane = ANY(%s) AND r.due_at <= clock_timestamp() AND r.lease_until IS NULL AND {GOES}
    ORDER BY r.lane, r.due_at, r.id LIMIT 20 FOR UPDATE OF r SKIP LOCKED
), chosen AS (
    SELECT id FROM (SELECT id, sum(size) OVER (ORDER BY lane, due_at, id) - size AS before FROM free) f WHERE before < %s
)
UPDATE notifications_deliveryrun r SET fence = r.fence + 1, lease_until = clock_timestamp() + make_interval(secs => %s)
FROM chosen WHERE r.id = chosen.id RETURNING r.id, r.fence, r.message_id, r.lane
"""  # noqa: S608 - words of our own
_WAITS = f"""
SELECT EXISTS (
    SELECT 1 FROM notifications_deliveryrun r JOIN notifications_message m ON m.id = r.message_id
    WHERE r.channel = ANY(%s) AND r.lane = ANY(%s) AND r.due_at <= clock_timestamp() AND r.lease_until IS NULL AND {GOES}
)
"""  # noqa: S608 - words of our own
# What is left of a run goes back to the queue; with nothing left to send it is gone. A run whose lease was lost is no longer ours.
_LET_GO = """
WITH mine AS (
    SELECT r.* FROM notifications_deliveryrun r JOIN unnest(%s::bigint[], %s::bigint[]) AS w(id, fence) ON r.id = w.id AND r.fence = w.fence
    WHERE r.lease_until IS NOT NULL FOR UPDATE OF r
), rest AS (
    SELECT id, (
        SELECT min(d.id) FROM notifications_delivery d
        WHERE d.id BETWEEN mine.first_id AND mine.last_id AND d.run_id = mine.id AND d.closed_at IS NULL
    ) AS next FROM mine
), gone AS (
    DELETE FROM notifications_deliveryrun r USING rest WHERE r.id = rest.id AND rest.next IS NULL
)
UPDATE notifications_deliveryrun r SET lease_until = NULL, next_id = rest.next FROM rest WHERE r.id = rest.id AND rest.next IS NOT NULL
"""
_CLOSE = """
WITH verdict AS (
    SELECT * FROM unnest(%s::text[], %s::int[], %s::text[], %s::text[], %s::text[], %s::int[], %s::int[], %s::bigint[])
        WITH ORDINALITY AS v(outcome, code, detail, provider_id, state, try, ambiguous, run, number)
), held AS (
    UPDATE notifications_delivery d
    SET state = v.state, reason = CASE WHEN v.state = 'accepted' THEN '' ELSE v.detail END,
        tries = tries + v.try, ambiguous = d.ambiguous + v.ambiguous, run_id = coalesce(v.run, d.run_id),
        closed_at = CASE WHEN v.run IS NULL THEN clock_timestamp() END
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::int[]) AS r(attempt, delivery, fence, verdict)
    JOIN verdict v ON v.number = r.verdict
    WHERE d.id = r.delivery AND d.fence = r.fence AND d.state = 'sending'
    RETURNING d.id, r.attempt, v.outcome, v.code, v.detail, v.provider_id
), told AS (
    INSERT INTO notifications_attemptoutcome (attempt_id, outcome, code, detail, provider_id, at)
    SELECT attempt, outcome, code, detail, provider_id, clock_timestamp() FROM held
)
SELECT id FROM held
"""
_NEW_RUN = """
INSERT INTO notifications_deliveryrun (message_id, channel, lane, first_id, next_id, last_id, size, due_at, fence)
SELECT r.message_id, r.channel, r.lane, %s, %s, %s, %s, clock_timestamp() + make_interval(secs => %s), 0
FROM notifications_delivery r WHERE r.id = %s RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Run:
    """A run this worker holds, as long as the fence is the row's."""

    id: int
    fence: int
    message: int
    lane: int


class Held(NamedTuple):
    """A delivery with an open attempt, this worker's as long as the fence is the row's."""

    id: int
    fence: int
    message: int
    attempt: int
    tries: int
    ambiguous: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What attempts came to. Equal for most of a window, and written down once for all of them."""

    outcome: Outcome
    code: int
    detail: str
    provider_id: str
    next: Next


def array(numbers: Iterable[int]) -> str:
    """PostgreSQL's own text form of an array, ten times as quick to write as the driver's."""
    return "{" + ",".join(map(str, numbers)) + "}"


def claim(channel: str, lanes: Sequence[int], deliveries: int, lease: timedelta) -> list[Run]:
    """Takes due runs, lane by lane, until they hold so many deliveries, skipping what others hold."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [channel, list(lanes), deliveries, lease.total_seconds()])
        return [Run(*row) for row in cursor.fetchall()]


def waits_in(lanes: Sequence[int], channels: Sequence[str]) -> bool:
    """Whether a run of these lanes and channels is due and free."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITS, [list(channels), list(lanes)])
        return bool(cursor.fetchone()[0])


def let_go(runs: Sequence[Run]) -> None:
    """Gives back what is left of the runs, and ends those of which nothing is."""
    if runs:
        with connection.cursor() as cursor:
            cursor.execute(_LET_GO, [array(r.id for r in runs), array(r.fence for r in runs)])


def close_attempts(groups: Sequence[tuple[Verdict, Sequence[Held]]]) -> set[int]:
    """Writes outcomes and moves the deliveries on; each group that is to be tried again becomes a run, so it is of one message.

    Returns the deliveries that were still ours. Needs a transaction.
    """
    if not groups:
        return set()
    with connection.cursor() as cursor:
        verdicts = [verdict for verdict, _ in groups]
        runs = [_new_run(cursor, group, verdict.next) if verdict.next.state in WAITING else None for verdict, group in groups]
        cursor.execute(
            _CLOSE,
            [
                [v.outcome.value for v in verdicts],
                [v.code for v in verdicts],
                [v.detail for v in verdicts],
                [v.provider_id for v in verdicts],
                [v.next.state.value for v in verdicts],
                [int(v.next.counts_as_try) for v in verdicts],
                [int(v.next.counts_as_ambiguous) for v in verdicts],
                runs,
                array(h.attempt for _, group in groups for h in group),
                array(h.id for _, group in groups for h in group),
                array(h.fence for _, group in groups for h in group),
                array(number for number, (_, group) in enumerate(groups, start=1) for _ in group),
            ],
        )
        return {row[0] for row in cursor.fetchall()}


def _new_run(cursor: Any, group: Sequence[Held], following: Next) -> int:
    first, last = min(h.id for h in group), max(h.id for h in group)
    cursor.execute(_NEW_RUN, [first, first, last, len(group), following.wait.total_seconds(), first])
    return int(cursor.fetchone()[0])
