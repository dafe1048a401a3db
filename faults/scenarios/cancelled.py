"""A release cancelled by its commander at half: nothing leaves afterwards beyond what was in flight."""

from django.db import transaction

from core.clock import utc_now
from faults.account import Account
from faults.stage import Stage
from notifications.models import Delivery
from notifications.services.cancel_message import cancel_message

SEED = 20261111
ROWS, SHORT = 100_000, 600
TITLE = "Cancelled at half"


def play(stage: Stage) -> Account:
    """Planned is what was accepted, or was in flight, when the cancelling was committed; whatever else is heard breaks the rule."""
    message = stage.release(TITLE)
    with stage.mail(), stage.workers():
        stage.until_heard(stage.rows // 2)
        with transaction.atomic():
            # Its lock on the message waits for windows being opened: from its commit on, none is.
            told = cancel_message(
                actor=stage.people.commander, now=utc_now(), message_id=message.public_id, reason="The words were those of a drill."
            )
            in_flight = set(Delivery.objects.filter(message=message, state="sending").values_list("contact_point__address", flat=True))
            heard = {line.address for line in stage.journal.accepted(stage.titles)}
        stage.hurt()
        stage.until_finished()
    late = {line.address for line in stage.journal.accepted(stage.titles)} - heard
    if beyond := late - in_flight:
        stage.broken.append(f"{len(beyond)} letters left after the cancelling that were not in flight")
    if len(in_flight) > told.in_flight:
        stage.broken.append(f"{len(in_flight)} letters were in flight, but the commander was told {told.in_flight}")
    if not told.stopped:
        stage.broken.append("nothing was left to cancel")
    stage.notes.append(
        f"the commander was told {told.accepted} accepted, {told.stopped} stopped, {told.in_flight} in flight; {len(late)} accepted after"
    )
    stage.meant = {(TITLE, address) for address in heard | late}
    return stage.account()
