"""Bringing back what workers that died, or slept past their lease, have left behind, and ending what can no longer be of use."""

import logging
import random
from datetime import datetime

from django.db import connection, transaction

from notifications.rules.retry import AMBIGUOUS_RETRIES, after, retries_after_death
from notifications.rules.states import Outcome
from notifications.services import rows
from notifications.services.end_message import end_late, work_off_ended_for
from notifications.services.settle import settle
from notifications.transports.registry import TRANSPORTS

RUNS_AT_ONCE = 50
ENDING = 1.0
_chance = random.SystemRandom().random
logger = logging.getLogger(__name__)

_LOST = """
SELECT r.id FROM notifications_deliveryrun r WHERE r.lease_until <= clock_timestamp()
ORDER BY r.id LIMIT %s FOR UPDATE SKIP LOCKED
"""
_BEING_SENT = """
SELECT d.id, d.fence, d.message_id, a.id, d.tries, d.ambiguous, a.provider, r.channel FROM notifications_deliveryrun r
JOIN notifications_delivery d ON d.id BETWEEN r.first_id AND r.last_id AND d.run_id = r.id AND d.state = 'sending'
JOIN notifications_deliveryattempt a ON a.delivery_id = d.id AND a.number = d.attempt_count
WHERE r.id = ANY(%s::bigint[]) ORDER BY d.id
"""
_WINDOWS_OPEN = """
SELECT w.id, w.message_id, w.provider, r.channel, w.deliveries FROM notifications_deliveryrun r
JOIN notifications_windowattempt w ON w.id = r.window_id
WHERE r.id = ANY(%s::bigint[]) ORDER BY w.id
"""
# The fence shuts out whoever held it; what was waiting goes on.
_FREED = """
UPDATE notifications_deliveryrun SET lease_until = NULL, next_id = first_id, fence = fence + 1 WHERE id = ANY(%s::bigint[])
"""


def sweep(*, now: datetime) -> int:
    """Returns how many deliveries and runs were moved.

    A run whose lease ran out goes back to the queue. Its deliveries with an attempt open are ambiguous: they may have been sent, so
    each is tried again under the same key as often as its channel allows, and after that declared uncertain. What is too late expires.
    """
    freed, ambiguous = _free_lost()
    ended = end_late(now=now) + work_off_ended_for(ENDING)
    settle(now=now)
    if freed or ended:
        logger.warning("Swept: %d runs back in the queue, %d deliveries ambiguous, %d ended unsent", freed, ambiguous, ended)
    return freed + ambiguous + ended


def _free_lost() -> tuple[int, int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOST, [RUNS_AT_ONCE])
        lost = rows.array(row[0] for row in cursor.fetchall())
        if lost == "{}":
            return 0, 0
        cursor.execute(_BEING_SENT, [lost])
        groups: dict[tuple[object, ...], tuple[rows.Verdict, list[rows.Held]]] = {}
        for id_, fence, message, attempt, tries, ambiguous, provider, channel in cursor.fetchall():
            kind = (message, tries, ambiguous, channel, provider)
            if kind not in groups:
                groups[kind] = (_verdict(tries, ambiguous, channel, provider), [])
            groups[kind][1].append(rows.Held(id_, fence, message, attempt, tries, ambiguous))
        cursor.execute(_WINDOWS_OPEN, [lost])
        for window, message, provider, channel, deliveries in cursor.fetchall():
            held = [rows.Held(id_, 0, message, window, 0, 0, shared=True) for id_ in deliveries]
            groups[window, "shared"] = (_verdict(0, 0, channel, provider), held)
        closed = rows.close_attempts(list(groups.values()))
        cursor.execute(_FREED, [lost])
        return int(cursor.rowcount), len(closed)


def _verdict(tries: int, ambiguous: int, channel: str, provider: str) -> rows.Verdict:
    made = TRANSPORTS.get((channel, provider))
    allowed = made().ambiguous_retries if made is not None else AMBIGUOUS_RETRIES
    retries = retries_after_death(channel, allowed)
    following = after(Outcome.AMBIGUOUS, tries=tries, ambiguous=ambiguous, chance=_chance, ambiguous_retries=retries)
    return rows.Verdict(Outcome.AMBIGUOUS, 0, "the worker ended before it could say", "", following)
