"""What stands beside the verdicts on an update: claims, remarks, verdicts carried over. Newest first."""

from django.db.models import QuerySet

from approvals.models import CarriedReview, PassageComment, SlotClaim
from incidents.models import Update


def claims_of(update: Update) -> QuerySet[SlotClaim]:
    """Every claim on a review of the update, those given up too."""
    return SlotClaim.objects.filter(slot__round__update_of=update).select_related("slot__round__revision", "user")


def comments_of(update: Update) -> QuerySet[PassageComment]:
    """Every remark on a passage of the update."""
    return PassageComment.objects.filter(round__update_of=update).select_related("round__revision", "author")


def carried_of(update: Update) -> QuerySet[CarriedReview]:
    """Every verdict on the update that was carried to a later revision."""
    rows = CarriedReview.objects.filter(round__update_of=update)
    return rows.select_related("slot", "round", "review__reviewer", "from_revision", "to_revision")
