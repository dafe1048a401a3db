"""The nudge of delivery. It carries nothing: what is due is in the rows."""

from celery import shared_task

from notifications.services import deliver_for

LONGEST = 60.0


@shared_task(name="notifications.deliver", expires=60)
def deliver() -> None:
    """Sends what is due, for a minute at most; polls and further nudges go on from there."""
    deliver_for(LONGEST)
