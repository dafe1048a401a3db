"""The ticks by way of the broker."""

from celery import shared_task

from statuscomms.ticks import run_ticks


@shared_task(name="statuscomms.tick", expires=5)
def tick() -> None:
    """Everything that is due."""
    run_ticks()
