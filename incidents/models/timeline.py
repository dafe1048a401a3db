"""What happened, as people in the room see it."""

from django.db import models

from incidents.models.incident import Incident


class TimelineEntry(models.Model):
    """One line of the timeline: an alert, a milestone, a change, an update, a verdict, a release."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="timeline")
    at = models.DateTimeField()
    kind = models.CharField(max_length=32)
    text = models.CharField(max_length=500)
    actor = models.CharField(max_length=160)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["incident", "-at"], name="incidents_timeline_newest")]

    def __str__(self) -> str:
        return self.text
