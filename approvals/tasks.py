"""Background work of this room. A task is a nudge: what is due is read from the rows."""

from celery import shared_task

from approvals import services
from core.clock import utc_now


@shared_task(name="approvals.run_due_schedules", expires=60)
def run_due_schedules() -> None:
    """Lets out what was planned for now."""
    services.run_due_schedules(now=utc_now())
