"""A reviewer disputes a passage; an arbiter rules on it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.models.review import ReviewRound, ReviewSlot
from approvals.rules.dispute import CLOSED_BY, DisputeState, RulingKind
from core.identifiers import public_id
from incidents.models import Update, UpdateRevision


class Dispute(models.Model):
    """A passage that somebody who was to review it holds to be wrong. While it is open the update cannot be approved.

    `start` and `end` are offsets in characters in the text of `field` in `revision`, and `quote` is what stands between them.
    It is closed once and otherwise never changed (trigger). An edit that takes the passage out overtakes it.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    update_of = models.ForeignKey(Update, on_delete=models.PROTECT, related_name="disputes")
    review_round = models.ForeignKey(ReviewRound, on_delete=models.PROTECT, related_name="disputes")
    slot = models.ForeignKey(ReviewSlot, on_delete=models.PROTECT, related_name="disputes")
    revision = models.ForeignKey(UpdateRevision, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="disputes")
    audience = models.CharField(max_length=64)
    language = models.CharField(max_length=35)
    field = models.CharField(max_length=5, choices=[(f, f) for f in ("title", "body")])
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    reason = models.TextField()
    at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="By when the arbiter is to rule.")
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in DisputeState], default=DisputeState.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    overdue_told_at = models.DateTimeField(null=True, blank=True)
    told_late = models.BooleanField(default=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(DisputeState)), name="approvals_dispute_state_known"),
            models.CheckConstraint(condition=Q(field__in=["title", "body"]), name="approvals_dispute_field_known"),
            models.CheckConstraint(
                condition=Q(end__gt=models.F("start")) & ~Q(quote="") & ~Q(reason=""), name="approvals_dispute_marks_words"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="approvals_dispute_closed_has_time",
            ),
            models.UniqueConstraint(
                fields=["update_of", "audience", "language", "field", "quote"],
                condition=Q(state="open"),
                name="approvals_passage_disputed_once",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="open", overdue_told_at__isnull=True), name="approvals_dispute_due")]

    def __str__(self) -> str:
        return f"{self.public_id} ({self.state})"


class Ruling(models.Model):
    """What the arbiter decided over the words of `from_revision`, and why. Never changed (trigger).

    `revision` is what came of it; empty where the text was upheld. `start` is where the passage stood in `from_revision`.
    """

    dispute = models.OneToOneField(Dispute, on_delete=models.PROTECT, related_name="ruling")
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in RulingKind])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rulings")
    reason = models.TextField()
    from_revision = models.ForeignKey(UpdateRevision, on_delete=models.PROTECT, related_name="+")
    start = models.PositiveIntegerField()
    words = models.TextField(blank=True, help_text="What stands in place of the passage, where it was reworded.")
    revision = models.ForeignKey(UpdateRevision, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    late = models.BooleanField(default=False, help_text="Given after the arbiter's deadline.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(CLOSED_BY)), name="approvals_ruling_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="approvals_ruling_has_reason"),
            models.CheckConstraint(
                condition=Q(kind="uphold", revision__isnull=True) | (~Q(kind="uphold") & Q(revision__isnull=False)),
                name="approvals_ruling_has_its_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.by_id}"
