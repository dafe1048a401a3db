"""``plan``: one update to 1,000,000 subscribers planned, beside a bare `INSERT … SELECT` into a table of the same columns and indexes.

Ours runs from the release's transaction to the last planned delivery: route, opt-outs and suppression looked at, names made of digests,
runs and counters written, in pieces that commit, by two planners as an installation with two worker processes has. The yardstick is
one statement, that is one process, without triggers and checks, with random names.
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import bench.crowd  # noqa: F401 # isort: skip - imported for its effect: models can be imported only after it

from django.db import connection

from bench.crowd import crowd
from bench.scene import Staff, approve, installation, release, staff
from bench.support import Round, cpu_seconds, peak_mb, report
from core.clock import utc_now
from notifications.models import Delivery, PlanStep
from notifications.services import cancel_message
from notifications.services.expand import expand_for
from stakeholders.models import Audience

READERS = int(os.environ.get("BENCH_READERS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
_PLANNERS = 2
_TABLE = "CREATE TABLE bench_bare (LIKE notifications_delivery INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES)"
_BARE = """
INSERT INTO bench_bare (message_id, contact_point_id, audience_id, run_id, lane, key, purpose, channel, state, reason, fence,
    attempt_count, tries, ambiguous)
SELECT 1, p.id, m.audience_id, p.id / 1000, 2, gen_random_uuid(), 'release', 'email', 'planned', '', 0, 0, 0, 0
FROM stakeholders_contactpoint p JOIN stakeholders_audiencemember m USING (stakeholder_id)
WHERE m.audience_id = %s AND p.kind = 'email' AND p.suppressed_at IS NULL
"""


def main() -> bool:
    """Print the line `bench plan`: deliveries planned per second."""
    with installation():
        people = staff()
        crowd(READERS)
        with connection.cursor() as cursor:
            cursor.execute(_TABLE)
        ours, theirs, released_in = [], [], []
        for _ in range(ROUNDS):
            turn, first = _ours(people)
            ours.append(turn)
            released_in.append(first)
            theirs.append(_theirs())
        note = f"{READERS} deliveries, {ROUNDS} rounds; the release itself returned after {max(released_in):.2f} s at most"
        report("plan", ours, theirs, peak_mb=peak_mb(os.getpid()), note=note)
    return True


def _ours(people: Staff) -> tuple[Round, float]:
    now = utc_now()
    approved = approve(people, now)
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    before, begun = cpu_seconds(os.getpid()), time.monotonic()
    message = release(people, approved, now)
    released_in = time.monotonic() - begun
    with ThreadPoolExecutor(_PLANNERS) as planners:
        for done in [planners.submit(_plan, now) for _ in range(_PLANNERS)]:
            done.result()
    seconds = time.monotonic() - begun
    used = cpu_seconds(os.getpid()) - before
    planned = Delivery.objects.filter(message=message, purpose="release").count()
    if planned != READERS:
        raise RuntimeError(f"{planned} of {READERS} deliveries were planned")
    cancel_message(actor=people.commander, now=now, message_id=message.public_id, reason="Measured.")
    return Round(READERS / seconds, READERS, used), released_in


def _plan(now: datetime) -> None:
    try:
        while PlanStep.objects.exists():
            expand_for(3600, now=now)
    finally:
        connection.close()


def _theirs() -> Round:
    audience = Audience.objects.get(key="customers").pk
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_bare")
        cursor.execute("CHECKPOINT")
        begun = time.monotonic()
        cursor.execute(_BARE, [audience])
        return Round(READERS / (time.monotonic() - begun), READERS, 0.0)
