"""Messages with many deliveries, made without a release around them."""

from itertools import count

from accounts.models import User
from notifications.models import Message
from notifications.rules.states import Lane, MessageKind
from notifications.services.plan_rows import Recipient, insert_deliveries
from tests.support.cast import NOW

_numbers = count(1)


def planned_message(many: int, *, kind: MessageKind = MessageKind.NOTICE) -> Message:
    """A message planned for so many people who are made for it."""
    number = next(_numbers)
    people = User.objects.bulk_create(User(username=f"many-{number}-{place}", date_joined=NOW) for place in range(many))
    message = Message.objects.create(
        kind=kind,
        source_key=f"many:{number}",
        lane=Lane.SUBSCRIBERS,
        wording={"": {"title": "A title", "body": "Words."}},
        created_at=NOW,
        planned_at=NOW,
        expires_at="2099-01-01T00:00:00Z",
    )
    insert_deliveries(message, [Recipient(None, user.pk, None, Lane.SUBSCRIBERS) for user in people], purpose=kind)
    return message
