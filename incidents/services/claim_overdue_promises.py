"""Noticing promises that were not kept."""

from datetime import datetime

from accounts.actors import system
from audit.services import unit_of_work
from core.events import publish
from incidents.events import PromiseOverdue
from incidents.models import UpdatePromise
from incidents.rules.promises import noticed_late
from incidents.services.timeline import note

AT_ONCE = 100


def claim_overdue_promises(*, now: datetime) -> int:
    """Marks promises that are due and not told yet, and says so once each; returns how many.

    Rows that another worker holds are passed over. A promise noticed more than five minutes late is told as late.
    """
    actor = system("promises")
    with unit_of_work(actor=actor.ref, now=now) as work:
        promises = list(
            UpdatePromise.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
            .select_related("incident")
            .filter(closed_at__isnull=True, overdue_told_at__isnull=True, due_at__lte=now)
            .order_by("due_at", "pk")[:AT_ONCE]
        )
        for promise in promises:
            promise.overdue_told_at = now
            promise.told_late = noticed_late(due_at=promise.due_at, now=now)
            promise.save(update_fields=["overdue_told_at", "told_late"])
            work.record(
                "promise.overdue",
                subject=f"incident:{promise.incident.public_id}",
                body={"due_at": promise.due_at.isoformat(), "noticed_late": promise.told_late},
                policy_version=promise.policy_version,
            )
            text = f"The update promised for {promise.due_at:%H:%M} UTC is overdue."
            note(promise.incident, actor=actor, now=now, kind="overdue", text=text)
            publish(
                PromiseOverdue(
                    promise_id=promise.pk,
                    incident_id=promise.incident_id,
                    due_at=promise.due_at,
                    late=promise.told_late,
                    at=now,
                )
            )
        return len(promises)
