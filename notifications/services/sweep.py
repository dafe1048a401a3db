"""Bringing back what workers that died, or slept past their lease, have left behind."""

import logging
import random
from datetime import datetime

from django.db import connection, transaction

from notifications.rules.retry import after
from notifications.rules.states import Outcome
from notifications.services import rows
from notifications.services.settle import settle

_chance = random.SystemRandom().random
logger = logging.getLogger(__name__)

_UNTOUCHED = """
UPDATE notifications_delivery SET state = 'queued', fence = fence + 1, lease_until = NULL
WHERE id IN (
    SELECT id FROM notifications_delivery WHERE state = 'leased' AND lease_until <= clock_timestamp() FOR UPDATE SKIP LOCKED
)
"""
_AMBIGUOUS = """
SELECT d.id, d.fence, a.id, d.tries, d.ambiguous FROM notifications_delivery d
JOIN notifications_deliveryattempt a ON a.delivery_id = d.id AND a.number = d.attempt_count
WHERE d.state = 'sending' AND d.lease_until <= clock_timestamp()
ORDER BY d.id LIMIT 1000 FOR UPDATE OF d SKIP LOCKED
"""
_TOO_LATE = """
UPDATE notifications_delivery d SET state = 'expired', reason = 'too late to be of use', closed_at = clock_timestamp()
FROM notifications_message m
WHERE m.id = d.message_id AND m.finished_at IS NULL AND m.expires_at <= clock_timestamp()
  AND d.state IN ('planned', 'queued', 'retry_wait')
"""


def sweep(*, now: datetime) -> int:
    """Returns how many deliveries were moved.

    A lease that ran out before anything was sent goes back to the queue. With an attempt open it is ambiguous: it may have been
    sent, so it is tried once more under the same key, and after that declared uncertain. What is too late expires.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_UNTOUCHED)
        untouched = int(cursor.rowcount)
    ambiguous = _end_ambiguous()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_TOO_LATE)
        expired = int(cursor.rowcount)
    settle(now=now)
    if untouched or ambiguous or expired:
        logger.warning("Swept: %d back in the queue, %d ambiguous, %d expired", untouched, ambiguous, expired)
    return untouched + ambiguous + expired


def _end_ambiguous() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_AMBIGUOUS)
        results = [
            rows.Result(
                rows.Held(delivery, fence),
                attempt,
                Outcome.AMBIGUOUS,
                0,
                "the worker ended before it could say",
                after(Outcome.AMBIGUOUS, tries=tries, ambiguous=ambiguous, chance=_chance),
            )
            for delivery, fence, attempt, tries, ambiguous in cursor.fetchall()
        ]
        return len(rows.close_attempts(results))
