"""One update let out as letters by running workers, timed; and how large such a letter is."""

import time
from functools import partial

from bench.scene import Staff, approve, release
from bench.support import Round, cpu_seconds
from core.clock import utc_now
from notifications.models import Delivery, Message
from notifications.rules.states import DeliveryState, MessageKind
from notifications.transports.contract import Letter, MessageView
from notifications.transports.mail import compose
from tests.support.workers import wait_until

PATIENCE = 900


def letter_size() -> int:
    """Bytes of a letter of the newest release."""
    delivery = Delivery.objects.filter(purpose="release").select_related("message", "contact_point", "audience").latest("id")
    if delivery.contact_point is None or delivery.audience is None:
        raise RuntimeError("A subscriber's delivery has an address and an audience.")
    message = delivery.message
    view = MessageView(message.pk, message.public_id, MessageKind(message.kind), message.wording, message.facts)
    audience, to = delivery.audience, delivery.contact_point
    letter = compose(
        Letter(delivery.pk, str(delivery.key), to.address, "en", "UTC", audience.key, audience.name, view, (to.pk, audience.pk)),
        at=utc_now(),
    )
    return len(letter)


def let_out(people: Staff, pid: int, readers: int) -> tuple[Round, float]:
    """From the release to the last of `readers` letters, accepted from workers below process `pid`; and how long the release took."""
    now = utc_now()
    approved = approve(people, now)
    wait_until(partial(_nothing_waits, None), PATIENCE, "the notices to reviewers")
    before, begun = cpu_seconds(pid), time.monotonic()
    message = release(people, approved, now)
    planned_in = time.monotonic() - begun
    wait_until(partial(_nothing_waits, message.pk), PATIENCE, "the last letter")
    seconds = time.monotonic() - begun
    accepted = Delivery.objects.filter(message=message, state=DeliveryState.ACCEPTED).count()
    if accepted != readers:
        raise RuntimeError(f"{accepted} of {readers} letters were accepted")
    return Round(readers / seconds, readers, cpu_seconds(pid) - before), planned_in


def _nothing_waits(message_id: int | None) -> bool:
    unfinished = Message.objects.filter(finished_at__isnull=True)
    return not (unfinished.filter(pk=message_id) if message_id else unfinished).exists()
