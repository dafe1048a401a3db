"""The guarded statements on runs and deliveries. Only the database's clock counts; every change names the state or fence it expects.

A worker claims runs, opens the attempts of a window of their deliveries in one commit, sends, and closes them in another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection

from core.prepared import Prepared
from notifications.rules.retry import Next
from notifications.rules.states import WAITING, DeliveryState, Outcome

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
FROM chosen WHERE r.id = chosen.id RETURNING r.lane, r.due_at, r.id, r.fence, r.message_id, r.size
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
_CLOSE = Prepared(
    "notifications_close_attempts",
    """
WITH verdict AS (
    SELECT * FROM unnest(%(outcomes)s, %(codes)s, %(details)s, %(provider_ids)s, %(states)s, %(tries)s, %(ambiguous)s, %(runs)s)
        WITH ORDINALITY AS v(outcome, code, detail, provider_id, state, try, ambiguous, run, number)
), held AS (
    UPDATE notifications_delivery d
    SET state = v.state, reason = CASE WHEN v.state = 'accepted' THEN '' ELSE v.detail END,
        tries = tries + v.try, ambiguous = d.ambiguous + v.ambiguous, run_id = coalesce(v.run, d.run_id),
        closed_at = CASE WHEN v.run IS NULL THEN clock_timestamp() END
    FROM unnest(%(attempts)s, %(deliveries)s, %(fences)s, %(verdicts)s) AS r(attempt, delivery, fence, verdict)
    JOIN verdict v ON v.number = r.verdict
    WHERE d.id = r.delivery AND d.fence = r.fence AND d.state = 'sending'
    RETURNING d.id, r.attempt, v.outcome, v.code, v.detail, v.provider_id
), told AS (
    INSERT INTO notifications_attemptoutcome (attempt_id, outcome, code, detail, provider_id, at)
    SELECT attempt, outcome, code, detail, provider_id, clock_timestamp() FROM held
)
SELECT id FROM held
""",
    outcomes="text[]",
    codes="int[]",
    details="text[]",
    provider_ids="text[]",
    states="text[]",
    tries="int[]",
    ambiguous="int[]",
    runs="bigint[]",
    attempts="bigint[]",
    deliveries="bigint[]",
    fences="bigint[]",
    verdicts="int[]",
)
# A window is its worker's as long as the run names it and has the fence it was opened with.
_STILL_OPEN = """
SELECT w.id, w.run_id, w.provider FROM notifications_windowattempt w
JOIN notifications_deliveryrun r ON r.id = w.run_id AND r.fence = w.fence AND r.window_id = w.id
WHERE w.id = ANY(%s::bigint[]) ORDER BY r.id FOR UPDATE OF r
"""
_MOVE_SHARED = """
UPDATE notifications_delivery d
SET state = %s, reason = %s, fence = d.fence + 1, attempt_count = d.attempt_count + 1, tries = d.tries + %s, ambiguous = d.ambiguous + %s,
    provider = %s, run_id = coalesce(%s, d.run_id), closed_at = CASE WHEN %s::bigint IS NULL THEN clock_timestamp() END
WHERE d.run_id = %s AND d.id BETWEEN %s AND %s AND (%s OR d.id = ANY(%s::bigint[])) AND d.state = 'planned'
"""
_TELL_SHARED = "INSERT INTO notifications_windowoutcome (window_id, outcome, code, detail, provider_id, deliveries, at) VALUES "
_TOLD_ONE = "(%s, %s, %s, %s, %s, %s::bigint[], clock_timestamp())"
_SHUT = "UPDATE notifications_deliveryrun SET window_id = NULL WHERE window_id = ANY(%s::bigint[])"
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
    size: int = 0


class Held(NamedTuple):
    """A delivery with an open attempt, this worker's as long as the fence is the row's.

    `shared`: the attempt is a window's, which holds it for many (`close_shared`); it is the worker's as long as the run is.
    """

    id: int
    fence: int
    message: int
    attempt: int
    tries: int
    ambiguous: int
    shared: bool = False


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
    """Takes due runs, lane by lane, until they hold so many deliveries, skipping what others hold; in the order they are to be sent in."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [channel, list(lanes), deliveries, lease.total_seconds()])
        return [Run(id_, fence, message, lane, size) for lane, _, id_, fence, message, size in sorted(cursor.fetchall())]


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
    shared = [(verdict, group) for verdict, group in groups if group[0].shared]
    own = [(verdict, group) for verdict, group in groups if not group[0].shared]
    return close_shared(shared) | _close_own(own)


def _close_own(groups: Sequence[tuple[Verdict, Sequence[Held]]]) -> set[int]:
    if not groups:
        return set()
    verdicts = [verdict for verdict, _ in groups]
    with connection.cursor() as cursor:
        runs = [new_run_for(cursor, verdict, group) for verdict, group in groups]
    closed = _CLOSE.fetchall(
        {
            "outcomes": [v.outcome.value for v in verdicts],
            "codes": [v.code for v in verdicts],
            "details": [v.detail for v in verdicts],
            "provider_ids": [v.provider_id for v in verdicts],
            "states": [v.next.state.value for v in verdicts],
            "tries": [int(v.next.counts_as_try) for v in verdicts],
            "ambiguous": [int(v.next.counts_as_ambiguous) for v in verdicts],
            "runs": runs,
            "attempts": array(h.attempt for _, group in groups for h in group),
            "deliveries": array(h.id for _, group in groups for h in group),
            "fences": array(h.fence for _, group in groups for h in group),
            "verdicts": array(number for number, (_, group) in enumerate(groups, start=1) for _ in group),
        }
    )
    return {row[0] for row in closed}


def close_shared(groups: Sequence[tuple[Verdict, Sequence[Held]]]) -> set[int]:
    """The same for attempts that windows hold: what a window came to is written down whole, and only while its run is this worker's."""
    if not groups:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_STILL_OPEN, [array({group[0].attempt for _, group in groups})])
        held_by = {window: (run, provider) for window, run, provider in cursor.fetchall()}
        going = [(verdict, group, *held_by[group[0].attempt]) for verdict, group in groups if group[0].attempt in held_by]
        # Most of a window is accepted, in several calls: their answers differ by the provider's name for the call, their rows do not.
        moves: dict[tuple[str | int | None, ...], list[int]] = {}
        told: list[tuple[str | int, ...]] = []
        for verdict, group, run, provider in going:
            ids, following = [h.id for h in group], verdict.next
            new_run, reason = new_run_for(cursor, verdict, group), "" if following.state == DeliveryState.ACCEPTED else verdict.detail
            counts = (int(following.counts_as_try), int(following.counts_as_ambiguous))
            moves.setdefault((following.state.value, reason, *counts, provider, new_run, new_run, run), []).extend(ids)
            told.append((group[0].attempt, verdict.outcome.value, verdict.code, verdict.detail, verdict.provider_id, array(ids)))
        for move, ids in moves.items():
            first, last = min(ids), max(ids)
            whole = last - first + 1 == len(ids)
            cursor.execute(_MOVE_SHARED, [*move, first, last, whole, "{}" if whole else array(ids)])
        if told:
            cursor.execute(_TELL_SHARED + ", ".join([_TOLD_ONE] * len(told)), [value for row in told for value in row])
            cursor.execute(_SHUT, [array(held_by)])
        return {h.id for _, group, _, _ in going for h in group}


def new_run_for(cursor: Any, verdict: Verdict, group: Sequence[Held]) -> int | None:
    """The run by which these are tried again, made now; `None` where they are at an end."""
    if verdict.next.state not in WAITING:
        return None
    first, last = min(h.id for h in group), max(h.id for h in group)
    cursor.execute(_NEW_RUN, [first, first, last, len(group), verdict.next.wait.total_seconds(), first])
    return int(cursor.fetchone()[0])
