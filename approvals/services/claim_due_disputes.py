"""Notices that an arbiter's deadline has passed."""

from datetime import datetime

from accounts.actors import system
from approvals.events import DisputeOverdue
from approvals.models import Dispute
from approvals.rules.dispute import DisputeState, noticed_late
from audit.services import unit_of_work
from core.events import publish
from incidents.services.timeline import note

AT_ONCE = 100


def claim_due_disputes(*, now: datetime) -> int:
    """Marks disputes whose deadline has passed without a ruling, and says so once each; returns how many.

    Rows that another worker or a ruling holds are passed over. One noticed more than five minutes late is told as late.
    """
    actor = system("disputes")
    with unit_of_work(actor=actor.ref, now=now) as work:
        due = list(
            Dispute.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
            .select_related("update_of__incident")
            .filter(state=DisputeState.OPEN, overdue_told_at__isnull=True, due_at__lte=now)
            .order_by("due_at", "pk")[:AT_ONCE]
        )
        for dispute in due:
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
                actor=actor,
                now=now,
                kind="dispute",
                text=f"No ruling yet on “{dispute.quote}”: it was due {dispute.due_at:%H:%M} UTC. The manager on duty is told.",
                detail={"update": dispute.update_of.public_id, "dispute": dispute.public_id},
            )
            publish(
                DisputeOverdue(dispute_id=dispute.pk, update_id=dispute.update_of_id, due_at=dispute.due_at, late=dispute.told_late, at=now)
            )
        return len(due)
