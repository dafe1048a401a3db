"""Writing planned deliveries and the runs that bring them to workers, set-wise: one statement for a piece of any size."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from psycopg2.errorcodes import UNIQUE_VIOLATION

from notifications.models import Message

# Deliveries that are claimed as one.
RUN = 1000
# `{source}` yields place, contact_point, app_user, audience, in the order of their places. `{twice}` says what becomes of a row that
# is there already. Ids grow in the order in which rows are numbered, so that each run is a range of them.
_INSERT = """
WITH source AS MATERIALIZED (
    {source}
), runs AS MATERIALIZED (
    SELECT array_agg(nextval('notifications_deliveryrun_id_seq')) AS ids
    FROM generate_series(1, (SELECT (count(*) - 1) / %(run)s + 1 FROM source))
), fresh AS (
    INSERT INTO notifications_delivery (message_id, contact_point_id, user_id, audience_id, run_id, lane, key, purpose, channel, state,
        reason, fence, attempt_count, tries, ambiguous)
    SELECT %(message)s, s.contact_point, s.app_user, s.audience, (SELECT ids FROM runs)[(row_number() OVER () - 1) / %(run)s + 1],
        %(lane)s, notifications_delivery_key(%(name)s,
        CASE WHEN s.contact_point IS NULL THEN 'user:' || s.app_user ELSE 'contact:' || s.contact_point END, %(purpose)s),
        %(purpose)s, %(channel)s, 'planned', '', 0, 0, 0, 0
    FROM source s {twice} RETURNING id, run_id
), queued AS (
    INSERT INTO notifications_deliveryrun (id, message_id, channel, lane, first_id, next_id, last_id, size, due_at, fence)
    SELECT run_id, %(message)s, %(channel)s, %(lane)s, min(id), min(id), max(id), count(*), clock_timestamp(), 0 FROM fresh GROUP BY run_id
)
SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM source), (SELECT max(place) FROM source)
"""
_STAYS = "ON CONFLICT DO NOTHING"


@dataclass(frozen=True)
class Recipient:
    """An address of the register, or a colleague without one. Exactly one of `contact_point` and `user` is set."""

    contact_point: int | None
    user: uuid.UUID | None
    audience: int | None
    lane: int


@dataclass(frozen=True)
class Piece:
    """What one statement planned. `last` is the source's last place, `None` where it had nothing."""

    planned: int
    read: int
    last: int | None


def insert_from(message: Message, source: str, params: dict[str, Any], *, lane: int, channel: str, purpose: str) -> Piece:
    """Plans a delivery for each row of the SQL `source`, whose parameters are named. Needs a transaction.

    What is planned already stays as it is, and belongs to its own run. Asking each index for such rows first takes a third of the
    time, and there hardly are any: they are asked only where the database has refused.
    """
    named = params | {
        "message": message.pk,
        "name": message.public_id,
        "lane": int(lane),
        "channel": channel,
        "purpose": purpose,
        "run": RUN,
    }
    try:
        with transaction.atomic():
            return _inserted(_INSERT.format(source=source, twice=""), named)
    except IntegrityError as error:
        if getattr(error.__cause__, "pgcode", "") != UNIQUE_VIOLATION:
            raise
        return _inserted(_INSERT.format(source=source, twice=_STAYS), named)


def _inserted(statement: str, params: dict[str, Any]) -> Piece:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return Piece(*cursor.fetchone())


def insert_deliveries(message: Message, recipients: Sequence[Recipient], *, purpose: str, channel: str = "email") -> int:
    """One statement per lane for recipients named one by one; returns how many are new. Needs a transaction."""
    source = (
        "SELECT r.place, r.contact_point, r.app_user, r.audience"
        " FROM unnest(%(contact_points)s::bigint[], %(users)s::uuid[], %(audiences)s::bigint[])"
        " WITH ORDINALITY AS r(contact_point, app_user, audience, place)"
    )
    planned = 0
    for lane in sorted({recipient.lane for recipient in recipients}):
        those = [recipient for recipient in recipients if recipient.lane == lane]
        named = {
            "contact_points": [r.contact_point for r in those],
            "users": [str(r.user) if r.user else None for r in those],
            "audiences": [r.audience for r in those],
        }
        planned += insert_from(message, source, named, lane=lane, channel=channel, purpose=purpose).planned
    return planned
