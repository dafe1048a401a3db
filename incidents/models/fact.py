"""What the engineers expect, and what was reached."""

from django.conf import settings
from django.db import models

from incidents.models.incident import Incident
from incidents.rules.words import Confidence, MilestoneKind, MilestoneSource


class EtrAssessment(models.Model):
    """When an engineer expects the incident to be over. The newest counts, until it expires; without a time it takes the last one back."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="etr_assessments")
    expected_at = models.DateTimeField(null=True)
    confidence = models.CharField(max_length=6, choices=[(c.value, c.value) for c in Confidence])
    engineer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)
    assessed_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(confidence__in=list(Confidence)), name="incidents_etr_confidence_known"),
            models.CheckConstraint(
                condition=models.Q(expected_at__isnull=True) | models.Q(expected_at__gt=models.F("assessed_at")),
                name="incidents_etr_in_the_future",
            ),
            models.CheckConstraint(condition=models.Q(expires_at__gt=models.F("assessed_at")), name="incidents_etr_expires_later"),
        ]

    def __str__(self) -> str:
        return f"{self.expected_at}"


class Milestone(models.Model):
    """A turn in the work, once told. `at` is when it happened, `recorded_at` when it was told. Never changed (trigger)."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="milestones")
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in MilestoneKind])
    at = models.DateTimeField()
    source = models.CharField(max_length=8, choices=[(s.value, s.value) for s in MilestoneSource])
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    by_ref = models.CharField(max_length=160)
    recorded_at = models.DateTimeField()
    draft = models.ForeignKey("Update", on_delete=models.PROTECT, null=True, related_name="+", help_text="The draft it started.")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=list(MilestoneKind)), name="incidents_milestone_kind_known"),
            models.CheckConstraint(condition=models.Q(source__in=list(MilestoneSource)), name="incidents_milestone_source_known"),
            models.CheckConstraint(condition=models.Q(at__lte=models.F("recorded_at")), name="incidents_milestone_not_ahead"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} in {self.incident_id}"
