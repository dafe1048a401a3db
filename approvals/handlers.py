"""Reactions: an edit voids, an approval plans, a plan that is due nudges."""

from approvals.events import UpdateApproved
from approvals.queries import pending_schedule
from approvals.services.close_dispute import overtake_disputes
from approvals.services.plan_when_approved import plan_when_approved
from approvals.services.void_round import void_round
from approvals.services.void_statement_round import void_statement_round
from approvals.tasks import run_due_schedules
from audit.services import unit_of_work
from core.tasks import nudge
from incidents.events import RevisionAdded
from incidents.models import Update, UpdateRevision
from templates.events import HoldingVersionReplaced


def void_on_revision(event: RevisionAdded) -> None:
    """In the edit's transaction: verdicts on the earlier words no longer count."""
    void_round(actor=event.actor, now=event.at, update=Update.objects.get(pk=event.update_id))


def overtake_on_revision(event: RevisionAdded) -> None:
    """In the edit's transaction: a dispute about words that are gone is over; one whose passage still stands stays open."""
    revision = UpdateRevision.objects.select_related("update_of__incident").get(pk=event.revision_id)
    with unit_of_work(actor=event.actor, now=event.at) as work:
        overtake_disputes(work, revision.update_of, revision.parsed())


def asap_on_approved(event: UpdateApproved) -> None:
    """In the verdict's transaction: what goes by itself is planned."""
    plan_when_approved(now=event.at, update=Update.objects.get(pk=event.update_id))


def nudge_schedules(event: UpdateApproved) -> None:
    """After commit: has a worker look at once instead of at its next tick, where something is to go right away."""
    schedule = pending_schedule(Update.objects.get(pk=event.update_id))
    if schedule is not None and schedule.due_at <= event.at:
        nudge(run_due_schedules)


def void_on_statement_edit(event: HoldingVersionReplaced) -> None:
    """In the edit's transaction: verdicts on the earlier words of a holding statement no longer count."""
    void_statement_round(actor=event.actor, now=event.at, version_id=event.version_id)
