"""So many readers that only the database itself can make them in time."""

import bench.ready  # noqa: F401 # isort: skip - imported for its effect: models can be imported only after it

from django.db import connection

from accounts.actors import system
from core.clock import utc_now
from stakeholders.models import Audience
from stakeholders.services import NewStakeholder, add_members, register_stakeholders

_CROWD = """
WITH people AS (
    INSERT INTO stakeholders_stakeholder (public_id, kind, name, tier, contract, region, tags, language, time_zone, created_at)
    SELECT 'c' || lpad(to_hex(n), 11, '0'), 'customer', 'Reader ' || n, '', '', '', ARRAY[]::varchar[], 'en', 'UTC', clock_timestamp()
    FROM generate_series(1, %(people)s) AS n RETURNING id
), addresses AS (
    INSERT INTO stakeholders_contactpoint (stakeholder_id, kind, address, position, verification, consent_source, suppression_kind,
        suppression_reason, soft_bounces, created_at)
    SELECT id, 'email', 'reader' || id || '@example.com', 0, 'unneeded', '', '', '', 0, clock_timestamp() FROM people
)
INSERT INTO stakeholders_audiencemember (audience_id, stakeholder_id, added_at)
SELECT %(audience)s, id, clock_timestamp() FROM people
"""


def crowd(number: int) -> None:
    """So many customers with an address each, in the audience *customers*."""
    with connection.cursor() as cursor:
        cursor.execute(_CROWD, {"people": number, "audience": Audience.objects.get(key="customers").pk})
        cursor.execute("VACUUM ANALYZE")


def regulators(number: int) -> None:
    """So many regulators in the same audience: they are told first."""
    people = [NewStakeholder("regulator", f"Regulator {n}", f"regulator{n}@example.com") for n in range(number)]
    registered = register_stakeholders(actor=system("bench"), now=utc_now(), people=people)
    add_members(actor=system("bench"), now=utc_now(), audience=Audience.objects.get(key="customers"), stakeholders=registered)
