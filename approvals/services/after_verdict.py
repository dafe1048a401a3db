"""What a verdict brings to an end: the reviewer's link and the claim on the slot."""

from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from approvals.models import Review
from approvals.services.claim_slot import end_claims
from approvals.services.review_links import spend_link


def after_verdict(*, actor: Actor, now: datetime, user: User, review: Review) -> None:
    """Used inside the unit of work that gives the verdict."""
    del actor
    spend_link(review.slot, user, now=now)
    end_claims(review.slot, now=now)
