"""How many deliveries stand where, read from the counters: no row of a message is looked at."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max, Min, Sum

from notifications.models import CauseCounter, MessageCounter, MessagePace

LAST_MINUTE = timedelta(seconds=60)
SLOT = timedelta(seconds=10)


def counts_of(message_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """`{message: {state: number}}`, of states that occur."""
    found: dict[int, dict[str, int]] = {pk: {} for pk in message_ids}
    for message, by_channel in counts_by_channel(message_ids).items():
        for states in by_channel.values():
            for state, number in states.items():
                found[message][state] = found[message].get(state, 0) + number
    return found


def counts_by_channel(message_ids: Collection[int]) -> dict[int, dict[str, dict[str, int]]]:
    """`{message: {channel: {state: number}}}`, of states that occur."""
    found: dict[int, dict[str, dict[str, int]]] = {pk: {} for pk in message_ids}
    rows = MessageCounter.objects.filter(message__in=found).order_by().values_list("message", "channel", "state").annotate(n=Sum("count"))
    for message, channel, state, number in rows.values_list("message_id", "channel", "state", "n"):
        if number:
            found[message].setdefault(channel, {})[state] = number
    return found


def counts_by_provider(message_id: int) -> dict[tuple[str, str], dict[str, int]]:
    """`{(channel, provider): {state: number}}`, of states that occur; the provider is empty for what was never tried."""
    rows = MessageCounter.objects.filter(message=message_id).order_by().values_list("channel", "provider", "state").annotate(n=Sum("count"))
    found: dict[tuple[str, str], dict[str, int]] = {}
    for channel, provider, state, number in rows:
        if number:
            found.setdefault((channel, provider), {})[state] = number
    return found


@dataclass(frozen=True)
class CauseCount:
    """How many stand in a state for one cause."""

    channel: str
    state: str
    cause: str
    count: int


def causes_of(message_id: int, limit: int) -> list[CauseCount]:
    """The causes with the most deliveries."""
    rows = CauseCounter.objects.filter(message=message_id).order_by().values_list("channel", "state", "cause").annotate(n=Sum("count"))
    return [CauseCount(*row) for row in rows.filter(n__gt=0).order_by("-n", "channel", "state", "cause")[:limit]]


@dataclass(frozen=True)
class Pace:
    """How many attempts ended in the last minute, or since the first one if that is less, and their number in a second."""

    ended: int
    per_second: float


def paces_of(message_id: int, now: datetime) -> dict[tuple[str, str], Pace]:
    """`{(channel, provider): pace}`; `now` is the database's clock (`database_now`)."""
    since = now - LAST_MINUTE
    rows = (
        MessagePace.objects.filter(message=message_id, slot__gt=since - SLOT)
        .order_by()
        .values_list("channel", "provider")
        .annotate(ended=Sum("ended"), first=Min("slot"))
    )
    found = {}
    for channel, provider, ended, first in rows:
        seconds = min(max((now - first).total_seconds(), SLOT.total_seconds()), (LAST_MINUTE + SLOT).total_seconds())
        found[channel, provider] = Pace(ended, ended / seconds)
    return found


def bounds_of(message_id: int) -> tuple[int, int]:
    """The lowest and the highest id among the message's deliveries; an empty range where there are none."""
    found = MessageCounter.objects.filter(message=message_id).aggregate(first=Min("first_id"), last=Max("last_id"))
    return found["first"] or 1, found["last"] or 0


_DIFFERENT = """
WITH counted AS (
    SELECT message_id, channel, state, provider, sum(count) AS n FROM notifications_messagecounter
    WHERE message_id = ANY(%(messages)s) GROUP BY 1, 2, 3, 4
), on_the_wire AS (
    SELECT w.message_id, r.channel, w.provider, cardinality(w.deliveries) AS n
    FROM notifications_deliveryrun r JOIN notifications_windowattempt w ON w.id = r.window_id WHERE r.message_id = ANY(%(messages)s)
), there AS (
    SELECT message_id, channel, state, provider, sum(n) AS n FROM (
        SELECT message_id, channel, state, provider, count(*) AS n FROM notifications_delivery WHERE message_id = ANY(%(messages)s)
        GROUP BY 1, 2, 3, 4
        UNION ALL SELECT message_id, channel, 'planned', '', -n FROM on_the_wire
        UNION ALL SELECT message_id, channel, 'sending', provider, n FROM on_the_wire
    ) d GROUP BY 1, 2, 3, 4
)
SELECT message_id, channel, state, provider, coalesce(c.n, 0)::bigint, coalesce(t.n, 0)::bigint
FROM counted c FULL JOIN there t USING (message_id, channel, state, provider)
WHERE coalesce(c.n, 0) <> coalesce(t.n, 0) ORDER BY 1, 2, 3, 4
"""


@dataclass(frozen=True)
class Difference:
    """A counter that does not say what is there."""

    message: int
    channel: str
    state: str
    provider: str
    counted: int
    there: int


def counters_that_differ(message_ids: Collection[int]) -> list[Difference]:
    """For the auditor: counters compared with the rows themselves in one snapshot.

    Reads every delivery of those messages: for each minute's audit, not for a page.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT, {"messages": list(message_ids)})
        return [Difference(*row) for row in cursor.fetchall()]
