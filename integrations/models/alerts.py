"""Groups of alerts and the incident each belongs to."""

from django.db import models


class AlertGroup(models.Model):
    """A group as its source names it (Alertmanager: `groupKey`). Its row's lock orders everything that arrives for it."""

    source = models.CharField(max_length=40)
    key = models.TextField()
    key_digest = models.CharField(max_length=64, help_text="SHA-256 of the key, which may be too long for an index.")
    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key_digest"], name="integrations_group_once")]

    def __str__(self) -> str:
        return self.key


class AlertEpisode(models.Model):
    """An alert's start or end, seen once. `starts_at` is RFC 3339 in UTC with nine decimals, so that text order is time order."""

    group = models.ForeignKey(AlertGroup, on_delete=models.PROTECT, related_name="episodes")
    fingerprint = models.CharField(max_length=64)
    status = models.CharField(max_length=8, choices=[("firing", "firing"), ("resolved", "resolved")])
    starts_at = models.CharField(max_length=30)
    event = models.ForeignKey("InboundEvent", on_delete=models.PROTECT, related_name="episodes")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "fingerprint", "status", "starts_at"], name="integrations_episode_once"),
            models.CheckConstraint(condition=models.Q(status__in=["firing", "resolved"]), name="integrations_episode_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.fingerprint} {self.status}"
