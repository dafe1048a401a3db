"""Once a minute the engine is looked over from outside its own course: what was planned against what became of it, what waits too long."""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from notifications.models import Installation, Message
from notifications.queries.counts import counters_that_differ, counts_of
from notifications.rules.states import Lane
from notifications.services.rows import GOING

EVERY = timedelta(minutes=1)
# How long what is due may wait before something is wrong; internal bulk has all day.
PATIENCE = {Lane.FIRST: timedelta(minutes=2), Lane.KEY_ACCOUNTS: timedelta(minutes=15), Lane.SUBSCRIBERS: timedelta(hours=6)}
# Messages of more deliveries than this are counted by their counters alone.
COUNTED = 200_000

_ADRIFT = """
SELECT d.message_id, count(*) FROM notifications_delivery d
WHERE d.message_id = ANY(%s) AND d.closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM notifications_deliveryrun r WHERE r.id = d.run_id)
GROUP BY d.message_id ORDER BY d.message_id
"""
_OLDEST = f"""
SELECT r.lane, extract(epoch FROM clock_timestamp() - min(r.due_at)) FROM notifications_deliveryrun r
JOIN notifications_message m ON m.id = r.message_id
WHERE r.lease_until IS NULL AND {GOING} AND r.due_at <= clock_timestamp()
GROUP BY r.lane ORDER BY r.lane
"""  # noqa: S608 - of our own words
_STUCK = "SELECT count(*) FROM notifications_deliveryrun WHERE lease_until < clock_timestamp() - make_interval(secs => %s)"


def is_due() -> bool:
    """Whether a minute has passed since somebody looked; whoever is told so looks, and nobody else does this minute."""
    over = Q(watched_at__isnull=True) | Q(watched_at__lte=Now() - EVERY)
    if not settings.INSTALLATION_FILE:
        # Where nobody tells installations apart, the row is only the auditor's.
        Installation.objects.get_or_create(pk=1, defaults={"server": ""})
    return Installation.objects.filter(over, pk=1).update(watched_at=Now()) == 1


def problems_found(*, lease: timedelta) -> list[str]:
    """What is wrong, in words; empty when all is well. `lease` is the longest lease a worker takes."""
    return [*_numbers(), *_waiting(), *_leases(lease), *_disarmed()]


def note_problems(problems: list[str]) -> None:
    """Keeps what was found for people to read."""
    Installation.objects.filter(pk=1).update(problems=problems, **({} if problems else {"passed_at": Now()}))


def _numbers() -> list[str]:
    """For each message under way: state by state as many as counted, and whatever is open has a run that brings it to a worker."""
    names = dict(Message.objects.filter(finished_at__isnull=True).values_list("pk", "public_id"))
    counted = counts_of(names)
    below = [f"message {names[pk]}: a counter is below zero" for pk, states in counted.items() if any(n < 0 for n in states.values())]
    looked_at = [pk for pk, states in counted.items() if sum(states.values()) <= COUNTED]
    wrong = [
        f"message {names[found.message]}: {found.there} {found.state} by {found.channel}{found.provider and f' ({found.provider})'},"
        f" counted {found.counted}"
        for found in counters_that_differ(looked_at)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ADRIFT, [looked_at])
        adrift = [f"message {names[pk]}: {n} deliveries are open and no run brings them to a worker" for pk, n in cursor.fetchall()]
    return [*below, *wrong, *adrift]


def _waiting() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_OLDEST)
        return [
            f"lane {lane}: the oldest has been due for {float(age):.0f} s"
            for lane, age in cursor.fetchall()
            if Lane(lane) in PATIENCE and float(age) > PATIENCE[Lane(lane)].total_seconds()
        ]


def _leases(lease: timedelta) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_STUCK, [lease.total_seconds()])
        stuck = int(cursor.fetchone()[0])
    return [f"{stuck} leases ran out more than a lease ago and nobody took them back"] if stuck else []


def _disarmed() -> list[str]:
    why = Installation.objects.filter(pk=1, disarmed_at__isnull=False).values_list("disarmed_reason", flat=True).first()
    return [f"sending is disarmed: {why}"] if why else []
