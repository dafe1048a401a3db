"""The link that a reviewer gets by e-mail."""

from django.conf import settings
from django.db import models

from approvals.models.review import ReviewSlot


class ReviewLink(models.Model):
    """Opens the review page for one person and one slot. It decides nothing by being opened; the verdict spends it.

    Only the SHA-256 of the token is kept.
    """

    slot = models.ForeignKey(ReviewSlot, on_delete=models.PROTECT, related_name="links")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slot", "user"], name="approvals_link_once_per_person")]

    def __str__(self) -> str:
        return f"link of {self.user_id} to slot {self.slot_id}"
