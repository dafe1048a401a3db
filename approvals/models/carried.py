"""A verdict given on an earlier revision that still stands on a later one."""

from django.db import models

from approvals.models.review import Review, ReviewRound, ReviewSlot
from approvals.rules.words import CarriedBecause
from incidents.models import UpdateRevision


class CarriedReview(models.Model):
    """Fills a slot with an approval given before. Names both revisions with their hashes; never changed (trigger).

    The database compares the two contents itself (`approvals_carried_allowed`): equal words carry every kind, a change
    of reach alone carries the technical review, also after an arbiter's strike carried it. `from_revision` is always the one
    that the reviewer really read.
    """

    round = models.ForeignKey(ReviewRound, on_delete=models.PROTECT, related_name="carried_reviews")
    slot = models.OneToOneField(ReviewSlot, on_delete=models.PROTECT, related_name="carried")
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="carried_to")
    from_revision = models.ForeignKey(UpdateRevision, on_delete=models.PROTECT, related_name="+")
    from_hash = models.CharField(max_length=64)
    to_revision = models.ForeignKey(UpdateRevision, on_delete=models.PROTECT, related_name="+")
    to_hash = models.CharField(max_length=64)
    because = models.CharField(max_length=20, choices=[(b.value, b.value) for b in CarriedBecause])
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(because__in=[b.value for b in CarriedBecause]), name="approvals_carried_because_known"
            )
        ]

    def __str__(self) -> str:
        return f"review {self.review_id} carried to round {self.round_id}"
