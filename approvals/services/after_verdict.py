"""What follows from a verdict for the person who gave it."""

from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.duties import Duty
from accounts.services.training import record_practice
from approvals.models import Review
from approvals.services.claim_slot import end_claims
from approvals.services.review_links import spend_link
from incidents.models import Update
from incidents.rules.words import UpdateKind


def after_verdict(*, actor: Actor, now: datetime, user: User, update: Update, review: Review) -> None:
    """Spends the reviewer's link, ends the claim on the slot, and credits practice on a drill: once per drill and kind.

    Used inside the unit of work that gives the verdict.
    """
    spend_link(review.slot, user, now=now)
    end_claims(review.slot, now=now)
    if update.kind == UpdateKind.DRILL:
        reference = f"drill:{update.public_id}:{review.slot.kind}"
        record_practice(actor=actor, now=now, user=user, duty=Duty(review.slot.kind), reference=reference)
