"""The promise of a next update: one row drives countdown, reminder, overdue mark and, later, the figures."""

from django.db import models

from incidents.models.incident import Incident
from incidents.models.update import Update


class UpdatePromise(models.Model):
    """At most one open per incident. `made_by` is empty for the first update, which the policy itself demands."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="promises")
    made_by = models.ForeignKey(Update, on_delete=models.PROTECT, null=True, related_name="promises_made")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    policy_version = models.PositiveIntegerField()
    overdue_told_at = models.DateTimeField(null=True, blank=True)
    told_late = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    kept_by = models.ForeignKey(Update, on_delete=models.PROTECT, null=True, related_name="promises_kept")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["incident"], condition=models.Q(closed_at__isnull=True), name="incidents_one_open_promise"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(closed_at__isnull=True, overdue_told_at__isnull=True), name="incidents_promise_due"
            )
        ]

    def __str__(self) -> str:
        return f"due {self.due_at:%H:%M}"
