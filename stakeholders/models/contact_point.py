"""Contact points: how a stakeholder is reached."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Upper

from stakeholders.models.stakeholder import Stakeholder
from stakeholders.rules.kinds import FOR_ADDRESS, WEB, ConsentSource, ContactKind, SuppressionKind, VerificationState

LONGEST_ADDRESS = 1000


class ContactPoint(models.Model):
    """One address. Suppressed and removed ones are kept, with the reason, and never written to.

    It is *reachable* unless suppressed or `pending`. `position` is the stakeholder's order of preference. `bad_since` is the first of
    the soft bounces in a row that `soft_bounces` counts; what is delivered clears both.
    """

    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in ContactKind])
    address = models.CharField(max_length=LONGEST_ADDRESS, help_text="Normalised when stored.")
    position = models.PositiveSmallIntegerField(default=0)
    verification = models.CharField(
        max_length=10, choices=[(v.value, v.value) for v in VerificationState], default=VerificationState.UNNEEDED.value
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    consent_at = models.DateTimeField(null=True, blank=True)
    consent_source = models.CharField(max_length=10, blank=True, choices=[(s.value, s.value) for s in ConsentSource])
    suppressed_at = models.DateTimeField(null=True, blank=True)
    suppression_kind = models.CharField(max_length=12, blank=True, choices=[(s.value, s.value) for s in SuppressionKind])
    suppression_reason = models.CharField(max_length=200, blank=True)
    operator_reason = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="Why an operator had stopped it before a stronger reason came; holds again when that is gone.",
    )
    soft_bounces = models.PositiveSmallIntegerField(default=0)
    bad_since = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True, help_text="Kept for what was sent there; on no page of the register.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "id"]
        indexes = [
            models.Index("kind", Lower("address"), name="stakeholders_by_address"),
            GinIndex(OpClass(Upper("address"), name="gin_trgm_ops"), name="stakeholders_address_trgm", fastupdate=False),
            models.Index(fields=["suppressed_at"], condition=Q(suppressed_at__isnull=False), name="stakeholders_suppressed"),
            models.Index(fields=["bad_since"], condition=Q(bad_since__isnull=False), name="stakeholders_bad"),
            models.Index(
                fields=["verification", "verified_at"],
                condition=~Q(verification=VerificationState.UNNEEDED.value),
                name="stakeholders_confirmed",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["stakeholder", "kind", "address"], name="stakeholders_address_once"),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in ContactKind]), name="stakeholders_contact_kind_known"),
            models.CheckConstraint(
                condition=Q(suppressed_at__isnull=True, suppression_reason="", suppression_kind="")
                | (Q(suppressed_at__isnull=False, suppression_kind__in=[s.value for s in SuppressionKind]) & ~Q(suppression_reason="")),
                name="stakeholders_suppression_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(suppressed_at__isnull=False), name="stakeholders_removed_is_suppressed"
            ),
            models.CheckConstraint(
                condition=Q(operator_reason="") | Q(suppression_kind__in=sorted(k.value for k in FOR_ADDRESS)),
                name="stakeholders_operator_reason_beneath",
            ),
            models.CheckConstraint(
                condition=Q(verification__in=["unneeded", "pending"], verified_at__isnull=True)
                | Q(verification__in=["verified", "stale"], verified_at__isnull=False),
                name="stakeholders_verified_at_some_time",
            ),
            models.CheckConstraint(
                condition=Q(consent_at__isnull=True, consent_source="")
                | Q(consent_at__isnull=False, consent_source__in=[s.value for s in ConsentSource]),
                name="stakeholders_consent_has_source",
            ),
            models.CheckConstraint(
                condition=Q(bad_since__isnull=True, soft_bounces=0) | Q(bad_since__isnull=False, soft_bounces__gt=0),
                name="stakeholders_bad_since_first_bounce",
            ),
            models.CheckConstraint(
                condition=~Q(kind="email") | Q(address__regex=r"^[^@[:space:][:cntrl:]]+@[^@A-Z[:space:][:cntrl:]]+$"),
                name="stakeholders_email_normal",
            ),
            models.CheckConstraint(condition=~Q(kind="sms") | Q(address__regex=r"^\+[1-9][0-9]{6,14}$"), name="stakeholders_number_normal"),
            models.CheckConstraint(
                condition=~Q(kind__in=sorted(WEB)) | Q(address__regex=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])[!-~]+$"),
                name="stakeholders_web_address_normal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.stakeholder_id}"
