"""A round asks for reviews of one subject; a slot is one of them; a review is one person's verdict."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.rules.words import Verdict
from incidents.models import Update, UpdateRevision
from policies.rules.decision import ReviewKind
from templates.models import HoldingStatementVersion

ABOUT_UPDATE = Q(update_of__isnull=False, revision__isnull=False, holding_version__isnull=True)
ABOUT_STATEMENT = Q(update_of__isnull=True, revision__isnull=True, holding_version__isnull=False)


class ReviewRoundQuerySet(models.QuerySet["ReviewRound"]):
    """Says which subject is meant before fields of the other are read."""

    def about_updates(self) -> "ReviewRoundQuerySet":
        """Rounds over a revision of an update."""
        return self.filter(ABOUT_UPDATE)

    def about_statements(self) -> "ReviewRoundQuerySet":
        """Rounds over a version of a holding statement."""
        return self.filter(ABOUT_STATEMENT)


class ReviewRound(models.Model):
    """Opened over exactly one subject: a revision of an update, or a version of a holding statement.

    `policy_version` and the slots freeze what was asked for. `update_of` and `revision` are typed as present, because
    code that reads them starts from an update or from `about_updates()`; for a statement both are empty.
    """

    update_of: "models.ForeignKey[Update | None, Update]" = models.ForeignKey(  # type: ignore[misc]  # see above
        Update, on_delete=models.PROTECT, null=True, related_name="rounds"
    )
    revision: "models.ForeignKey[UpdateRevision | None, UpdateRevision]" = models.ForeignKey(  # type: ignore[misc]  # see above
        UpdateRevision, on_delete=models.PROTECT, null=True, related_name="rounds"
    )
    holding_version = models.ForeignKey(HoldingStatementVersion, on_delete=models.PROTECT, null=True, related_name="rounds")
    state = models.CharField(
        max_length=20, choices=[(s, s) for s in ("open", "approved", "changes_requested", "voided", "overridden")], default="open"
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    policy_version = models.PositiveIntegerField()
    training_required = models.BooleanField(default=True, help_text="Whether only people with current training may fill a slot.")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    opened_by_ruling = models.OneToOneField(
        "approvals.Ruling",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="opened",
        help_text="The ruling whose words it is over; empty where a person asked.",
    )

    objects = ReviewRoundQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=ABOUT_UPDATE | ABOUT_STATEMENT, name="approvals_round_one_subject"),
            models.UniqueConstraint(
                fields=["holding_version"], condition=Q(state__in=["open", "approved"]), name="approvals_one_live_statement_round"
            ),
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
    """A verdict, bound to the exact content hash. Never changed (trigger); an edit voids the round it stands in.

    Typed like the round's: `revision` is empty where the verdict is on a version of a holding statement.
    """

    slot = models.OneToOneField(ReviewSlot, on_delete=models.PROTECT, related_name="review")
    round = models.ForeignKey(ReviewRound, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    verdict = models.CharField(max_length=20, choices=[(v.value, v.value) for v in Verdict])
    revision: "models.ForeignKey[UpdateRevision | None, UpdateRevision]" = models.ForeignKey(  # type: ignore[misc]  # see above
        UpdateRevision, on_delete=models.PROTECT, null=True, related_name="reviews"
    )
    holding_version = models.ForeignKey(HoldingStatementVersion, on_delete=models.PROTECT, null=True, related_name="reviews")
    content_hash = models.CharField(max_length=64)
    comment = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(revision__isnull=False, holding_version__isnull=True) | Q(revision__isnull=True, holding_version__isnull=False),
                name="approvals_review_one_subject",
            ),
            models.UniqueConstraint(fields=["round", "reviewer"], name="approvals_distinct_people"),
            models.CheckConstraint(condition=models.Q(verdict__in=[v.value for v in Verdict]), name="approvals_verdict_known"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.reviewer_id}"
