"""A release without every review: by whom, why, what it stood in for, and whether it was ratified."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.models.release import Release
from approvals.models.review import ReviewRound
from approvals.rules.override import OverrideState
from core.identifiers import public_id
from incidents.models import Update, UpdateRevision


class Override(models.Model):
    """Written in the transaction of its release and never without one (trigger). Only its decision is added, once, by another person.

    `fills` lists each review it stands in for: `{"kind", "ground", "words"}`. `told` is the list of people responsible, frozen when it was
    used: `{"user", "name", "as"}`.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    update_of = models.OneToOneField(Update, on_delete=models.PROTECT, related_name="override")
    round = models.OneToOneField(ReviewRound, on_delete=models.PROTECT, related_name="override")
    revision = models.ForeignKey(UpdateRevision, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="overrides")
    reason = models.TextField()
    second_factor_at = models.DateTimeField()
    fills = models.JSONField()
    fills_legal = models.BooleanField(default=False)
    told = models.JSONField()
    at = models.DateTimeField()
    ratify_by = models.DateTimeField()
    state = models.CharField(max_length=8, choices=[(s.value, s.value) for s in OverrideState], default=OverrideState.AWAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_reason = models.TextField(blank=True)
    correction = models.OneToOneField(Update, on_delete=models.PROTECT, null=True, blank=True, related_name="opened_by_refusal")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(OverrideState)), name="approvals_override_state_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="approvals_override_has_reason"),
            models.CheckConstraint(condition=Q(ratify_by__gt=models.F("at")), name="approvals_override_is_to_be_ratified"),
            models.CheckConstraint(
                condition=Q(state="awaiting", decided_by__isnull=True, decided_at__isnull=True, decided_reason="", correction__isnull=True)
                | Q(state="ratified", decided_by__isnull=False, decided_at__isnull=False, correction__isnull=True)
                | (Q(state="refused", decided_by__isnull=False, decided_at__isnull=False) & ~Q(decided_reason="")),
                name="approvals_override_decided_whole",
            ),
            models.CheckConstraint(condition=~Q(decided_by=models.F("by")), name="approvals_override_not_ratified_by_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} ({self.state})"

    @property
    def release(self) -> Release:
        """The release it let out."""
        return self.update_of.release


class RatificationStep(models.Model):
    """One reminder that an override waits to be ratified. A row per step: told once, and late after an outage."""

    override = models.ForeignKey(Override, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=16)
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True, blank=True)
    told_late = models.BooleanField(default=False)
    skipped = models.BooleanField(default=False, help_text="A later step of the same override was due too, and told instead.")

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [models.UniqueConstraint(fields=["override", "step"], name="approvals_ratification_step_once")]
        indexes = [models.Index(fields=["due_at"], condition=Q(fired_at__isnull=True, skipped=False), name="approvals_ratification_due")]

    def __str__(self) -> str:
        return f"{self.step} of {self.override_id}"
