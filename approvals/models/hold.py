"""A release hold: nothing goes out for an incident or an update until somebody lifts it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.identifiers import public_id
from incidents.models import Incident, Update


class ReleaseHold(models.Model):
    """Stops releases, and deliveries not sent yet. Stands on an incident, or on one update. Lifted once, else never changed (trigger).

    Something else is a legal hold, which keeps records from being deleted.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="release_holds")
    update_of = models.ForeignKey(Update, on_delete=models.PROTECT, null=True, blank=True, related_name="release_holds")
    reason = models.CharField(max_length=500)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(incident__isnull=False, update_of__isnull=True) | Q(incident__isnull=True, update_of__isnull=False),
                name="approvals_hold_one_subject",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="approvals_hold_has_reason"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lift_reason="")
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason="")),
                name="approvals_hold_lifted_whole",
            ),
            models.UniqueConstraint(fields=["incident"], condition=Q(lifted_at__isnull=True), name="approvals_one_hold_per_incident"),
            models.UniqueConstraint(fields=["update_of"], condition=Q(lifted_at__isnull=True), name="approvals_one_hold_per_update"),
        ]

    def __str__(self) -> str:
        return f"{self.public_id} ({'lifted' if self.lifted_at else 'in force'})"
