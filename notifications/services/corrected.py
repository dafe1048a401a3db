"""What of wrong words is not sent any more."""

from incidents.models import Update
from notifications.models import Message
from notifications.rules.states import Ended
from notifications.services.end_message import end_message


def supersede_unsent(update: Update) -> int:
    """Ends what is left of the released `update`, in the correction's transaction; returns how many deliveries ended at once."""
    return sum(
        end_message(message, as_=Ended.SUPERSEDED, reason="a correction was released")
        for message in Message.objects.filter(release__update_of=update)
    )
