"""Reminds people of overrides that nobody has ratified yet: three times up to the deadline, then once a day."""

from datetime import datetime
from itertools import groupby

from accounts.actors import system
from approvals.events import RatificationDue
from approvals.models import Override, RatificationStep
from approvals.rules.override import OverrideState, next_overdue, noticed_late
from audit.services import UnitOfWork, unit_of_work
from core.events import publish

AT_ONCE = 100


def claim_ratification_steps(*, now: datetime) -> int:
    """Fires the reminders that are due, at most one per override: after an outage the last one, told as late. Returns how many.

    Overrides that another worker or a decision holds are passed over.
    """
    with unit_of_work(actor=system("ratification").ref, now=now) as work:
        due = list(
            RatificationStep.objects.select_for_update(of=("self", "override"), skip_locked=True, no_key=True)
            .select_related("override__update_of")
            .filter(fired_at__isnull=True, skipped=False, due_at__lte=now, override__state=OverrideState.AWAITING)
            .order_by("override", "due_at", "pk")[:AT_ONCE]
        )
        told = 0
        for override, found in groupby(due, key=lambda step: step.override):
            *passed_over, last = found
            for step in passed_over:
                step.skipped = True
                step.save(update_fields=["skipped"])
            _fire(work, override, last)
            told += 1
        return told


def _fire(work: UnitOfWork, override: Override, step: RatificationStep) -> None:
    step.fired_at = work.now
    step.told_late = noticed_late(due_at=step.due_at, now=work.now)
    step.save(update_fields=["fired_at", "told_late"])
    if work.now >= override.ratify_by:
        following = next_overdue(ratify_by=override.ratify_by, now=work.now)
        RatificationStep.objects.get_or_create(override=override, step=following.name, defaults={"due_at": following.due_at})
    work.record(
        "override.reminded",
        subject=f"update:{override.update_of.public_id}",
        body={"override": override.public_id, "step": step.step, "due_at": step.due_at.isoformat(), "noticed_late": step.told_late},
    )
    publish(RatificationDue(override_id=override.pk, step=step.step, due_at=step.due_at, late=step.told_late, at=work.now))
