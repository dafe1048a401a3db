"""The step from reviewed to approved."""

from accounts.actors import Actor
from approvals.events import UpdateApproved
from approvals.models import ReviewRound
from approvals.queries.disputes import is_disputed
from approvals.queries.rounds import asked_kinds, contributors_of, given_verdicts
from approvals.rules.review import is_complete
from approvals.rules.words import RoundState
from audit.services import UnitOfWork
from core.events import publish
from incidents.models import Update
from incidents.rules.words import UpdateState
from incidents.services import set_update_state


def approve_when_complete(work: UnitOfWork, *, actor: Actor, update: Update, review_round: ReviewRound) -> bool:
    """Approves the update if the last review asked for is there and no passage is disputed; says whether it did.

    The caller holds the update's lock.
    """
    complete = is_complete(
        asked=asked_kinds(review_round),
        given=given_verdicts(review_round),
        contributors=contributors_of(update),
        content_hash=review_round.revision.content_hash,
    )
    if not complete or is_disputed(update):
        return False
    # Approved, it stays live: closed is only a round that no longer counts.
    review_round.state = RoundState.APPROVED
    review_round.save(update_fields=["state"])
    set_update_state(actor=actor, now=work.now, update=update, to=UpdateState.APPROVED)
    work.record(
        "update.approved",
        subject=f"update:{update.public_id}",
        policy_version=review_round.policy_version,
        body={"revision": review_round.revision.number, "content_hash": review_round.revision.content_hash},
    )
    publish(UpdateApproved(update_id=update.pk, at=work.now))
    return True
