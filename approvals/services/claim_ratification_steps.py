"""Reminds people of overrides that nobody has ratified yet: three times up to the deadline, then once a day."""

from datetime import datetime
from functools import partial

from django.db.models import Exists, OuterRef, QuerySet

from accounts.actors import system
from approvals.events import RatificationDue
from approvals.models import Override, RatificationStep
from approvals.rules.override import OverrideState, next_overdue, noticed_late
from audit.services import UnitOfWork, unit_of_work
from core.events import publish
from core.one_by_one import one_by_one

ACTOR = system("ratification")
AT_ONCE = 100


def claim_ratification_steps(*, now: datetime) -> int:
    """Fires the reminders that are due, at most one per override: after an outage the last one, told as late. Returns how many.

    Each override in a transaction of its own. Those that another worker or a decision holds are passed over.
    """
    ringing = Override.objects.filter(Exists(_due(now).filter(override=OuterRef("pk")))).order_by("pk")
    return one_by_one(list(ringing.values_list("pk", flat=True)[:AT_ONCE]), partial(_remind, now=now), what="The ratification of override")


def _due(now: datetime) -> "QuerySet[RatificationStep]":
    waiting = RatificationStep.objects.filter(fired_at__isnull=True, skipped=False, override__state=OverrideState.AWAITING)
    return waiting.filter(due_at__lte=now)


def _remind(pk: int, *, now: datetime) -> bool:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        claimed = Override.objects.select_for_update(of=("self",), skip_locked=True, no_key=True).select_related("update_of")
        override = claimed.filter(pk=pk).first()
        due = list(_due(now).filter(override=override).order_by("due_at", "pk")) if override else []
        if override is None or not due:
            return False
        *passed_over, last = due
        for step in passed_over:
            step.skipped = True
            step.save(update_fields=["skipped"])
        _fire(work, override, last)
        return True


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
