"""Who belongs to an audience by filter, of a million stakeholders, beside a bare `SELECT count(*)` over their addresses.

The yardstick counts the working e-mail addresses of the whole register and nothing else. Ours counts those that a filter with *all*,
*any* and *not* over every fact reaches: list, opt-outs, suppression and confirmation included. The note gives the other things that a
page does with the same filter, each in seconds: the whole preview (people, addresses per channel, whom nothing reaches and why, a
sample of 20), and the rows that planning would insert from.
"""

import os
import time
from collections.abc import Callable
from typing import Any

import bench.scene  # noqa: F401 # isort: skip - imported for its effect: models can be imported only after it

from django.db import connection

from bench.scene import installation
from bench.support import Round, cpu_seconds, peak_mb, report
from core.clock import utc_now
from stakeholders.models import Audience, ContactPoint
from stakeholders.queries import reachable_contact_points
from stakeholders.queries.circles import Circle
from stakeholders.queries.previews import preview

PEOPLE = int(os.environ.get("BENCH_AUDIENCE_PEOPLE", "1000000"))
ROUNDS = 5
FILTER: dict[str, Any] = {
    "all": [
        {"fact": "kind", "op": "in", "value": ["customer", "organisation"]},
        {
            "any": [
                {"fact": "tier", "op": "in", "value": ["strategic", "key"]},
                {"fact": "component", "op": "includes_any", "value": ["checkout"]},
                {"fact": "tag", "op": "includes_any", "value": ["beta"]},
            ]
        },
        {"fact": "region", "op": "in", "value": ["eu-west", "eu-north"]},
        {"not": {"fact": "language", "op": "in", "value": ["fr"]}},
    ]
}
_PLAIN = "SELECT count(*) FROM stakeholders_contactpoint WHERE kind = 'email' AND suppressed_at IS NULL"
# One in twenty also has a number; one in a hundred addresses is suppressed, one in fifty opted out, half of the people are listed.
_REGISTER = """
INSERT INTO stakeholders_stakeholder (public_id, kind, name, tier, contract, region, tags, language, time_zone, created_at)
SELECT lpad(to_hex(n), 12, '0'), (ARRAY['customer','customer','organisation','person'])[1 + n %% 4], 'Reader ' || n,
    (ARRAY['','standard','key','strategic'])[1 + n %% 7 %% 4], '', (ARRAY['','eu-west','eu-north','us-east'])[1 + n %% 5 %% 4],
    CASE n %% 10 WHEN 0 THEN ARRAY['beta'] WHEN 1 THEN ARRAY['edu','partner'] ELSE ARRAY[]::varchar[] END,
    (ARRAY['en','en-GB','de','fr'])[1 + n %% 11 %% 4], 'UTC', clock_timestamp()
FROM generate_series(1, %(people)s) AS n;
INSERT INTO stakeholders_contactpoint (stakeholder_id, kind, address, position, verification, consent_source, suppression_kind,
    suppression_reason, suppressed_at, soft_bounces, created_at)
SELECT id, 'email', 'reader' || id || '@example.com', 0, 'unneeded', '', CASE WHEN id %% 100 = 0 THEN 'bounce' ELSE '' END,
    CASE WHEN id %% 100 = 0 THEN '550' ELSE '' END, CASE WHEN id %% 100 = 0 THEN clock_timestamp() END, 0, clock_timestamp()
FROM stakeholders_stakeholder;
INSERT INTO stakeholders_contactpoint (stakeholder_id, kind, address, position, verification, consent_source, suppression_kind,
    suppression_reason, soft_bounces, created_at)
SELECT id, 'sms', '+4915' || lpad(id::text, 9, '0'), 1, 'unneeded', '', '', '', 0, clock_timestamp()
FROM stakeholders_stakeholder WHERE id %% 20 = 0;
INSERT INTO catalogue_component (public_id, key, name, description, status, position, is_public, created_at, updated_at)
SELECT 'b-' || k, k, k, '', 'operational', 0, true, clock_timestamp(), clock_timestamp()
FROM unnest(ARRAY['checkout','login']) AS k;
INSERT INTO stakeholders_stakeholder_depends_on (stakeholder_id, component_id)
SELECT s.id, c.id FROM stakeholders_stakeholder s JOIN catalogue_component c
    ON c.key = CASE WHEN s.id %% 2 = 0 THEN 'checkout' ELSE 'login' END
WHERE s.id %% 3 = 0;
INSERT INTO stakeholders_audiencemember (audience_id, stakeholder_id, added_at)
SELECT a.id, s.id, clock_timestamp() FROM stakeholders_stakeholder s, stakeholders_audience a WHERE a.key = 'customers' AND s.id %% 2 = 0;
INSERT INTO stakeholders_optout (contact_point_id, audience_id, at, source)
SELECT p.id, a.id, clock_timestamp(), 'one_click' FROM stakeholders_contactpoint p, stakeholders_audience a
WHERE a.key IN ('customers', 'european') AND p.id %% 50 = 0;
"""


def main() -> bool:
    """Print the line `bench audience`: audiences counted per second."""
    with installation(), connection.cursor() as cursor:
        Audience.objects.create(key="european", name="European accounts", filter=FILTER, created_at=utc_now(), position=9)
        cursor.execute(_REGISTER, {"people": PEOPLE})
        cursor.execute("VACUUM ANALYZE")
        european = Circle.of(Audience.objects.get(key="european"))

        def yardstick() -> int:
            cursor.execute(_PLAIN)
            return int(cursor.fetchone()[0])

        def ours() -> int:
            return reachable_contact_points(["european"]).count()

        reached = ours()
        _check(reached)
        taken = [(_round(ours), _round(yardstick)) for _ in range(ROUNDS)]
        other = {
            "whole preview": lambda: preview(european).people,
            "rows to plan from, the filter": lambda: _rows(cursor, ["european"]),
            "rows to plan from, a list of half of all": lambda: _rows(cursor, ["customers"]),
            "both at once": lambda: _rows(cursor, ["european", "customers"]),
        }
        said = ", ".join(f"{what} {_seconds(act):.2f} s" for what, act in other.items())
        report(
            "audience",
            [mine for mine, _ in taken],
            [plain for _, plain in taken],
            peak_mb=peak_mb(os.getpid()),
            note=f"{PEOPLE} stakeholders, {ContactPoint.objects.count()} addresses, {reached} of them reached; {said}",
        )
    return True


def _check(reached: int) -> None:
    """Against the filter said by hand."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM stakeholders_contactpoint p JOIN stakeholders_stakeholder s ON s.id = p.stakeholder_id"
            " WHERE p.kind = 'email' AND p.suppressed_at IS NULL AND s.kind IN ('customer', 'organisation') AND s.region LIKE 'eu-%'"
            " AND s.language <> 'fr' AND (s.tier IN ('strategic', 'key') OR 'beta' = ANY(s.tags)"
            " OR s.id % 6 = 0) AND p.id % 50 <> 0"
        )
        by_hand = int(cursor.fetchone()[0])
    if by_hand != reached:
        raise RuntimeError(f"The filter reaches {reached} addresses; said by hand they are {by_hand}.")


def _rows(cursor: Any, keys: list[str]) -> int:
    """Every row that planning takes, without leaving the database."""
    sql, values = reachable_contact_points(keys).values_list("pk", "stakeholder_id").query.sql_with_params()
    cursor.execute(f"SELECT count(*), sum(stakeholder_id) FROM ({sql}) AS r", values)  # noqa: S608 - Django's own statement
    return int(cursor.fetchone()[0])


def _round(act: Callable[[], int]) -> Round:
    cpu = cpu_seconds(os.getpid())
    return Round(1 / _seconds(act), 1, cpu_seconds(os.getpid()) - cpu)


def _seconds(act: Callable[[], int]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
