"""Keeps verdicts that an edit did not touch."""

from collections.abc import Callable, Collection, Iterable, Iterator

from approvals.models import CarriedReview, Review, ReviewRound
from approvals.queries.people import person_of
from approvals.queries.rounds import contributors_of
from approvals.rules.voiding import stands_because
from approvals.rules.words import CarriedBecause, Verdict
from audit.services import UnitOfWork
from incidents.rules.content import Content
from policies.rules.decision import ReviewKind

Stands = Callable[..., CarriedBecause | None]


def carry_reviews(
    work: UnitOfWork,
    from_round: ReviewRound,
    to_round: ReviewRound,
    kinds: Collection[str] = tuple(ReviewKind),
    *,
    stands: Stands = stands_because,
) -> list[CarriedReview]:
    """Fills slots of `to_round` with approvals of `from_round` that still stand for its words; returns them.

    Only of these kinds, and only where `stands` says why (by default: the same words, or a change of reach alone for the
    technical review); an approval that was itself carried counts by the revision its reviewer really read, and by what an
    arbiter's strikes left of it. People who have written at the update since are passed over. The database compares the
    contents once more. Both rounds are of one update, whose lock the caller holds.
    """
    wrote = contributors_of(to_round.update_of)
    new = to_round.revision.parsed()
    slots = {slot.kind: slot for slot in to_round.slots.filter(kind__in=list(kinds), review__isnull=True, carried__isnull=True)}
    found = []
    for kind, review in _approvals(from_round).items():
        because = _first(stands(kind, old=old, new=new) for old in _stood_for(review)) if kind in slots else None
        if because is None or person_of(review.reviewer) in wrote:
            continue
        carried = CarriedReview.objects.create(
            round=to_round,
            slot=slots[kind],
            review=review,
            from_revision=review.revision,
            from_hash=review.content_hash,
            to_revision=to_round.revision,
            to_hash=to_round.revision.content_hash,
            because=because,
            at=work.now,
        )
        work.record(
            "review.carried",
            subject=f"update:{to_round.update_of.public_id}",
            policy_version=to_round.policy_version,
            body={
                "kind": kind,
                "review": review.pk,
                "because": because.value,
                "from_revision": review.revision.number,
                "to_revision": to_round.revision.number,
                "content_hash": carried.to_hash,
            },
        )
        found.append(carried)
    return found


def _approvals(review_round: ReviewRound) -> dict[str, Review]:
    own = review_round.reviews.filter(verdict=Verdict.APPROVE).select_related("slot", "revision", "reviewer")
    carried = review_round.carried_reviews.select_related("slot", "review__revision", "review__reviewer")
    return {review.slot.kind: review for review in own} | {row.slot.kind: row.review for row in carried}


def _stood_for(review: Review) -> Iterator[Content]:
    """What the approval stands for: the words read, and those to which it was carried because nothing but a passage was struck."""
    yield review.revision.parsed()
    for row in CarriedReview.objects.filter(review=review, because=CarriedBecause.STRUCK).select_related("to_revision"):
        yield row.to_revision.parsed()


def _first(found: Iterable[CarriedBecause | None]) -> CarriedBecause | None:
    return next((because for because in found if because is not None), None)
