"""Saying "I am reviewing this", so that two people do not read the same thing at once. It binds nobody."""

from datetime import datetime

from accounts.actors import Actor
from approvals.models import ReviewSlot, SlotClaim
from approvals.queries.gate import review_facts
from approvals.queries.rounds import live_round
from approvals.rules.review import may_review, permission_for
from approvals.services.locking import lock_update
from approvals.services.refuse import refuse_if
from audit.services import unit_of_work
from core.errors import Conflict


def claim_slot(*, actor: Actor, now: datetime, update_id: int, kind: str) -> SlotClaim:
    """Shows to everyone that the signed-in person reviews this now; an earlier claim of somebody else ends.

    Who may not give the verdict may not claim it. Raises `NotFound`, `Forbidden`, `Conflict` (not in review, already given).
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        update = lock_update(actor=actor, update_id=update_id)
        user = actor.require_person()
        if permission := permission_for(kind):
            actor.require(permission)
        number = update.current.number if update.current else 0
        refuse_if(may_review(review_facts(actor=actor, user=user, update=update, kind=kind, revision=number, at=now)))
        review_round = live_round(update)
        if review_round is None:
            raise Conflict("No review is asked for.", code="not_in_review")
        slot = review_round.slots.get(kind=kind)
        mine = slot.claims.filter(given_up_at__isnull=True, user=user).first()
        if mine is not None:
            return mine
        end_claims(slot, now=now)
        claim = SlotClaim.objects.create(slot=slot, user=user, claimed_at=now)
        work.record("review.claimed", subject=f"update:{update.public_id}", body={"kind": kind})
        return claim


def give_up_claim(*, actor: Actor, now: datetime, update_id: int, kind: str) -> None:
    """Takes the person's own claim back; nothing happens when there is none. Raises `NotFound`, `Forbidden`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        update = lock_update(actor=actor, update_id=update_id)
        user = actor.require_person()
        mine = SlotClaim.objects.filter(slot__round__update_of=update, slot__kind=kind, user=user, given_up_at__isnull=True)
        if mine.update(given_up_at=now):
            work.record("review.claim_given_up", subject=f"update:{update.public_id}", body={"kind": kind})


def end_claims(slot: ReviewSlot, *, now: datetime) -> None:
    """Nobody claims the slot any more."""
    slot.claims.filter(given_up_at__isnull=True).update(given_up_at=now)
