"""What a dispute that came to an end lets go on. Used inside a unit of work, with the update's lock held."""

from datetime import timedelta

from accounts.actors import Actor
from approvals.events import ReviewRequested
from approvals.models import ReviewRound, ReviewSlot, Ruling
from approvals.queries.rounds import live_round
from approvals.rules.dispute import RulingKind
from approvals.rules.words import CarriedBecause, RoundState
from approvals.services.approving import approve_when_complete
from approvals.services.carry_reviews import carry_reviews
from approvals.services.open_clocks import open_clocks
from audit.services import UnitOfWork
from core.events import publish
from incidents.models import Update, UpdateRevision
from incidents.rules.content import Content


def approve_after_dispute(work: UnitOfWork, *, actor: Actor, update: Update) -> None:
    """Approves the update where the dispute was all that was in the way: other reviewers went on meanwhile."""
    review_round = live_round(update)
    if review_round is not None and review_round.state == RoundState.OPEN:
        approve_when_complete(work, actor=actor, update=update, review_round=review_round)


def reopen_round(
    work: UnitOfWork, *, actor: Actor, update: Update, old: ReviewRound, revision: UpdateRevision, ruling: Ruling
) -> ReviewRound:
    """A round over the words that a ruling made, in the name of who asked for the last one, with the same kinds and fresh windows.

    Where the ruling only took the passage out every approval given is carried over. Where it put other words there, the one who asked
    for the last round did not ask to let these go: what would go by itself waits for a person. The update stays in review.
    """
    review_round = ReviewRound.objects.create(
        update_of=update,
        revision=revision,
        requested_by=old.requested_by,
        policy_version=old.policy_version,
        training_required=old.training_required,
        opened_at=work.now,
        opened_by_ruling=ruling,
    )
    ReviewSlot.objects.bulk_create(
        ReviewSlot(round=review_round, kind=slot.kind, due_at=work.now + _window(old, slot)) for slot in old.slots.all()
    )
    kept = carry_reviews(work, old, review_round, stands=_stands) if ruling.kind == RulingKind.STRIKE else []
    open_clocks(review_round, now=work.now)
    work.record(
        "review.requested",
        subject=f"update:{update.public_id}",
        policy_version=review_round.policy_version,
        body={
            "revision": revision.number,
            "content_hash": revision.content_hash,
            "kinds": [slot.kind for slot in review_round.slots.all()],
            "kept": [row.slot.kind for row in kept],
            "because": "ruling",
        },
    )
    publish(ReviewRequested(round_id=review_round.pk, update_id=update.pk, at=work.now))
    approve_when_complete(work, actor=actor, update=update, review_round=review_round)
    return review_round


def _window(old: ReviewRound, slot: ReviewSlot) -> timedelta:
    return slot.due_at - old.opened_at


def _stands(kind: str, *, old: Content, new: Content) -> CarriedBecause:
    """The caller made `new` by striking alone; the database compares the two once more."""
    del kind, old, new
    return CarriedBecause.STRUCK
