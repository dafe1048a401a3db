"""A round asks for reviews of one revision; a slot is one of them; a review is one person's verdict."""

from django.conf import settings
from django.db import models

from approvals.rules.words import ReviewKind, Verdict
from incidents.models import Update, UpdateRevision


class ReviewRound(models.Model):
    """Opened over exactly one revision. `policy_version` and the slots freeze what was asked for."""

    update_of = models.ForeignKey(Update, on_delete=models.PROTECT, related_name="rounds")
    revision = models.ForeignKey(UpdateRevision, on_delete=models.PROTECT, related_name="rounds")
    state = models.CharField(
        max_length=20, choices=[(s, s) for s in ("open", "approved", "changes_requested", "voided", "overridden")], default="open"
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    policy_version = models.PositiveIntegerField()
    training_required = models.BooleanField(default=False, help_text="Whether only people with current training may fill a slot.")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["update_of"], condition=models.Q(state__in=["open", "approved"]), name="approvals_one_live_round"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "approved", "changes_requested", "voided", "overridden"]),
                name="approvals_round_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"round {self.pk} ({self.state})"


class ReviewSlot(models.Model):
    """One kind of review the round needs, and by when. Filled by a verdict of its own or by one carried over, never by both."""

    round = models.ForeignKey(ReviewRound, on_delete=models.PROTECT, related_name="slots")
    kind = models.CharField(max_length=20)
    due_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "kind"], name="approvals_slot_once_per_kind"),
            models.CheckConstraint(condition=models.Q(kind__in=[k.value for k in ReviewKind]), name="approvals_slot_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in round {self.round_id}"


class Review(models.Model):
    """A verdict, bound to the exact content hash. Never changed (trigger); an edit voids the round it stands in."""

    slot = models.OneToOneField(ReviewSlot, on_delete=models.PROTECT, related_name="review")
    round = models.ForeignKey(ReviewRound, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    verdict = models.CharField(max_length=20, choices=[(v.value, v.value) for v in Verdict])
    revision = models.ForeignKey(UpdateRevision, on_delete=models.PROTECT, related_name="reviews")
    content_hash = models.CharField(max_length=64)
    comment = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "reviewer"], name="approvals_distinct_people"),
            models.CheckConstraint(condition=models.Q(verdict__in=[v.value for v in Verdict]), name="approvals_verdict_known"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.reviewer_id}"
