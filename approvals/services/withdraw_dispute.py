"""Who disputed a passage takes that back."""

from datetime import datetime

from accounts.actors import Actor
from approvals.models import Dispute
from approvals.queries.people import person_of
from approvals.rules.dispute import DisputeState
from approvals.services.after_dispute import approve_after_dispute
from approvals.services.close_dispute import close_dispute
from approvals.services.locking import lock_update
from audit.services import unit_of_work
from core.errors import Conflict, Forbidden, NotFound
from incidents.services.timeline import note


def withdraw_dispute(*, actor: Actor, now: datetime, dispute_id: int) -> Dispute:
    """Closes the dispute without a ruling; its reviewer then gives a verdict like any other.

    Raises `NotFound`, `Forbidden` (somebody else's, a token), `StepUpRequired`, `Conflict` (closed already).
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        found = Dispute.objects.filter(pk=dispute_id).first()
        if found is None:
            raise NotFound
        update = lock_update(actor=actor, update_id=found.update_of_id)
        dispute = Dispute.objects.select_related("by").get(pk=found.pk)
        user = actor.require_person()
        if person_of(user) != person_of(dispute.by):
            raise Forbidden("Only who disputed the passage takes that back. An arbiter rules on it.")
        actor.require_step_up(now)
        if dispute.state != DisputeState.OPEN:
            raise Conflict(f"The dispute is {dispute.state} already.", code="not_open")
        close_dispute(work, dispute, DisputeState.WITHDRAWN)
        work.record("dispute.withdrawn", subject=f"update:{update.public_id}", body={"dispute": dispute.public_id})
        note(
            update.incident,
            actor=actor,
            now=now,
            kind="dispute",
            text=f"Dispute withdrawn: “{dispute.quote}”",
            detail={"update": update.public_id, "dispute": dispute.public_id},
        )
        approve_after_dispute(work, actor=actor, update=update)
        return dispute
