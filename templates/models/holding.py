"""Holding statements: wording approved ahead of need, in immutable versions, for as long as it is approved for."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.identifiers import public_id
from templates.rules.holding import LONGEST_VALIDITY_DAYS, HoldingState


class HoldingStatement(models.Model):
    """What is said in one scenario to one audience in one language (BCP 47) until more is known."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    scenario = models.CharField(max_length=40)
    audience_key = models.CharField(max_length=64)
    language = models.CharField(max_length=16, default="en")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["scenario", "audience_key", "language", "key"]

    def __str__(self) -> str:
        return self.name


class HoldingStatementVersion(models.Model):
    """One state of the wording. The words never change (trigger); `state` only moves on.

    `content_hash` covers the text with its placeholders and the place it is for. `expires_at` is given when review is
    asked for and stands with the approval.
    """

    statement = models.ForeignKey(HoldingStatement, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    body = models.TextField()
    content_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in HoldingState], default=HoldingState.DRAFT)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    requested_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    expiry_told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "number"], name="templates_holding_version_once"),
            models.UniqueConstraint(fields=["id", "content_hash"], name="templates_holding_hash_key"),
            models.UniqueConstraint(fields=["statement"], condition=Q(state="approved"), name="templates_one_approved_holding"),
            models.UniqueConstraint(
                fields=["statement"], condition=Q(state__in=["draft", "in_review"]), name="templates_one_holding_in_the_making"
            ),
            models.CheckConstraint(condition=Q(state__in=list(HoldingState)), name="templates_holding_state_known"),
            models.CheckConstraint(
                condition=Q(requested_at__isnull=True, expires_at__isnull=True)
                | Q(expires_at__gt=F("requested_at"), expires_at__lte=F("requested_at") + timedelta(days=LONGEST_VALIDITY_DAYS)),
                name="templates_holding_expires_in_time",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["in_review", "approved"]) | Q(expires_at__isnull=False), name="templates_holding_has_expiry"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(approved_at__isnull=False), name="templates_holding_approved_has_time"
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(state="approved", expiry_told_at__isnull=True), name="templates_holding_expiring"
            )
        ]

    def __str__(self) -> str:
        return f"{self.statement_id} v{self.number}"


class HoldingContributor(models.Model):
    """Someone who wrote any version of the statement or put one forward. The set never shrinks (trigger)."""

    statement = models.ForeignKey(HoldingStatement, on_delete=models.PROTECT, related_name="contributors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["statement", "user"], name="templates_holding_contributor_once")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.statement_id}"
