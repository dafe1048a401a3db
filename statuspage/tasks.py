"""The publisher's task."""

from celery import shared_task

from core.clock import utc_now
from statuspage.services import publish_if_needed


@shared_task
def publish() -> None:
    """Shows what waits to be shown, and confirms the page when that is due."""
    publish_if_needed(now=utc_now())
