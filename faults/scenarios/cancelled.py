"""A release cancelled at half: nothing leaves afterwards beyond what was in flight."""

from django.db import transaction

from faults.account import Account
from faults.stage import Stage
from notifications.models import Delivery, Message
from notifications.rules.states import Ended
from notifications.services.end_message import end_message

SEED = 20261111
ROWS, SHORT = 100_000, 600


def play(stage: Stage) -> Account:
    """Planned is what was accepted, or was in flight, when the cancelling was committed; whatever else is heard breaks the rule."""
    message = stage.release("Cancelled at half")
    with stage.mail(), stage.workers():
        stage.until_heard(stage.rows // 2)
        with transaction.atomic():
            # The lock on the message waits for windows being opened: from its commit on, none is.
            end_message(Message.objects.get(pk=message.pk), as_=Ended.CANCELLED, reason="the programme cancels")
            in_flight = set(Delivery.objects.filter(message=message, state="sending").values_list("contact_point__address", flat=True))
            heard = {line.address for line in stage.journal.accepted(stage.titles)}
        stage.hurt()
        stage.until_finished()
    late = {line.address for line in stage.journal.accepted(stage.titles)} - heard
    if beyond := late - in_flight:
        stage.broken.append(f"{len(beyond)} letters left after the cancelling that were not in flight")
    if len(heard) + len(in_flight) >= len(stage.addresses):
        stage.broken.append("nothing was left to cancel")
    stage.notes.append(f"{len(heard)} accepted before, {len(in_flight)} in flight, {len(late)} of those accepted after")
    stage.meant = {("Cancelled at half", address) for address in heard | late}
    return stage.account()
