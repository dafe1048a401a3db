"""Review links decide nothing by being opened: they count for one person and one slot, and a verdict spends them."""

from datetime import datetime

from accounts.models import User
from approvals.models import ReviewLink, ReviewSlot
from approvals.queries.links import link_named
from core.errors import Conflict, Forbidden


def require_own_link(token: str, *, slot: ReviewSlot, user: User) -> None:
    """Raises `Forbidden` for somebody else's link and `Conflict` for one that is spent or of another review; no link is fine."""
    if not token:
        return
    link = link_named(token)
    if link is None or link.user_id != user.pk:
        raise Forbidden("This link was made for somebody else. Open the review from your own queue.", code="other_link")
    if link.slot_id != slot.pk or link.spent_at is not None:
        raise Conflict("This link has done its work. Open the review from your own queue.", code="link_spent")


def spend_link(slot: ReviewSlot, user: User, *, now: datetime) -> None:
    """The person's link to the slot has done its work."""
    ReviewLink.objects.filter(slot=slot, user=user, spent_at__isnull=True).update(spent_at=now)
