"""Notices that an arbiter's deadline has passed."""

from datetime import datetime
from functools import partial

from django.db.models import QuerySet

from accounts.actors import system
from approvals.events import DisputeOverdue
from approvals.models import Dispute
from approvals.rules.dispute import DisputeState, noticed_late
from audit.services import unit_of_work
from core.events import publish
from core.one_by_one import one_by_one
from incidents.services.timeline import note

ACTOR = system("disputes")
AT_ONCE = 100


def claim_due_disputes(*, now: datetime) -> int:
    """Marks disputes whose deadline has passed without a ruling, and says so once each; returns how many.

    Each in a transaction of its own. Rows that another worker or a ruling holds are passed over. One noticed more than five
    minutes late is told as late.
    """
    due = list(_due(now).order_by("due_at", "pk").values_list("pk", flat=True)[:AT_ONCE])
    return one_by_one(due, partial(_tell, now=now), what="The deadline of dispute")


def _due(now: datetime) -> "QuerySet[Dispute]":
    return Dispute.objects.filter(state=DisputeState.OPEN, overdue_told_at__isnull=True, due_at__lte=now)


def _tell(pk: int, *, now: datetime) -> bool:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        claimed = _due(now).select_for_update(of=("self",), skip_locked=True, no_key=True).select_related("update_of__incident")
        dispute = claimed.filter(pk=pk).first()
        if dispute is None:
            return False
        dispute.overdue_told_at = now
        dispute.told_late = noticed_late(due_at=dispute.due_at, now=now)
        dispute.save(update_fields=["overdue_told_at", "told_late"])
        work.record(
            "dispute.overdue",
            subject=f"update:{dispute.update_of.public_id}",
            body={"dispute": dispute.public_id, "due_at": dispute.due_at.isoformat(), "noticed_late": dispute.told_late},
        )
        note(
            dispute.update_of.incident,
            actor=ACTOR,
            now=now,
            kind="dispute",
            text=f"No ruling yet on “{dispute.quote}”: it was due {dispute.due_at:%H:%M} UTC. The manager on duty is told.",
            detail={"update": dispute.update_of.public_id, "dispute": dispute.public_id},
        )
        publish(
            DisputeOverdue(dispute_id=dispute.pk, update_id=dispute.update_of_id, due_at=dispute.due_at, late=dispute.told_late, at=now)
        )
        return True
