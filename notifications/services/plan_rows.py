"""Writing planned deliveries, set-wise."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from notifications.models import Message
from notifications.rules.keys import delivery_key


@dataclass(frozen=True)
class Recipient:
    """An address of the register, or a colleague without one. Exactly one of `contact_point` and `user` is set."""

    contact_point: int | None
    user: uuid.UUID | None
    audience: int | None
    lane: int

    @property
    def name(self) -> str:
        """What the delivery's key is made from."""
        return f"contact:{self.contact_point}" if self.contact_point is not None else f"user:{self.user}"


def insert_deliveries(message: Message, recipients: Sequence[Recipient], *, purpose: str, channel: str = "email") -> int:
    """One statement for all of them; one already planned stays as it is. Returns how many are new. Needs a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications_delivery (message_id, contact_point_id, user_id, audience_id, lane, key, purpose, channel, state,"
            " reason, fence, due_at, attempt_count, tries, ambiguous)"
            " SELECT %s, r.contact_point, r.app_user, r.audience, r.lane, r.key, %s, %s, 'planned', '', 0, clock_timestamp(), 0, 0, 0"
            " FROM unnest(%s::bigint[], %s::uuid[], %s::bigint[], %s::smallint[], %s::uuid[])"
            " AS r(contact_point, app_user, audience, lane, key)"
            " ORDER BY r.lane ON CONFLICT DO NOTHING",
            [
                message.pk,
                purpose,
                channel,
                [r.contact_point for r in recipients],
                [str(r.user) if r.user else None for r in recipients],
                [r.audience for r in recipients],
                [int(r.lane) for r in recipients],
                [str(delivery_key(message.public_id, r.name, purpose)) for r in recipients],
            ],
        )
        return int(cursor.rowcount)
