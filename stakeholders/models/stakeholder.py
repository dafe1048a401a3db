"""Stakeholders and how to reach them."""

from django.conf import settings
from django.db import models

from core.identifiers import public_id
from stakeholders.rules.kinds import ContactKind, StakeholderKind


class Stakeholder(models.Model):
    """A person or body that is told. A user's own addresses hang on the stakeholder linked to the user."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in StakeholderKind])
    name = models.CharField(max_length=200)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="stakeholder")
    language = models.CharField(max_length=12, default="en")
    time_zone = models.CharField(max_length=64, default="UTC", help_text="IANA name, for instance Europe/Berlin.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=[k.value for k in StakeholderKind]), name="stakeholders_kind_known")
        ]

    def __str__(self) -> str:
        return self.name


class ContactPoint(models.Model):
    """One address. Suppressed addresses are kept, with the reason, and never written to."""

    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in ContactKind])
    address = models.CharField(max_length=320, help_text="Normalised when stored.")
    verified_at = models.DateTimeField(null=True, blank=True)
    suppressed_at = models.DateTimeField(null=True, blank=True)
    suppression_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["stakeholder", "kind", "address"], name="stakeholders_address_once"),
            models.CheckConstraint(
                condition=models.Q(suppressed_at__isnull=True, suppression_reason="")
                | (models.Q(suppressed_at__isnull=False) & ~models.Q(suppression_reason="")),
                name="stakeholders_suppression_has_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="email") | models.Q(address__regex=r"^[^@[:space:][:cntrl:]]+@[^@A-Z[:space:][:cntrl:]]+$"),
                name="stakeholders_email_normal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.stakeholder_id}"
