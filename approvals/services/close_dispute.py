"""How a dispute comes to an end. Used inside a unit of work, with the update's lock held."""

from approvals.events import DisputeClosed
from approvals.models import Dispute
from approvals.queries.disputes import open_disputes, passage_of
from approvals.rules.dispute import DisputeState, marked
from audit.services import UnitOfWork
from core.events import publish
from incidents.models import Update
from incidents.rules.content import Content


def close_dispute(work: UnitOfWork, dispute: Dispute, state: DisputeState) -> None:
    """The dispute no longer keeps the update from being approved; those who wait for it hear how it ended."""
    dispute.state, dispute.closed_at = state, work.now
    dispute.save(update_fields=["state", "closed_at"])
    publish(DisputeClosed(dispute_id=dispute.pk, update_id=dispute.update_of_id, state=state.value, at=work.now))


def overtake_disputes(work: UnitOfWork, update: Update, content: Content | None) -> list[Dispute]:
    """Closes the disputes whose passage does not stand in `content` any more; all of them where there is none, as on withdrawal.

    An edit elsewhere in the words leaves a dispute open: it cannot be shaken off by changing something else.
    """
    overtaken = [dispute for dispute in open_disputes(update) if content is None or marked(content, passage_of(dispute)) is None]
    for dispute in overtaken:
        close_dispute(work, dispute, DisputeState.OVERTAKEN)
        work.record(
            "dispute.overtaken",
            subject=f"update:{update.public_id}",
            body={"dispute": dispute.public_id, "because": "withdrawn" if content is None else "edited"},
        )
    return overtaken
