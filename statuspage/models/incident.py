"""Incidents and updates as they were released to the public."""

from django.db import models

from incidents.rules.words import CORRECTING, Impact, Status, UpdateKind
from statuspage.models.component import PublicComponent

# What the page may ever say: a drill never gets here.
SHOWN = sorted({UpdateKind.UPDATE, *CORRECTING})


class PublicIncident(models.Model):
    """What the newest released public wording says of an incident; `pk` is the number in the feed's entry ids."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=300)
    status = models.CharField(max_length=16)
    impact = models.CharField(max_length=8)
    started_at = models.DateTimeField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    monitoring_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    next_update_due = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True, help_text="Of everything said of it. Empty: not worked out yet.")
    component_codes = models.TextField(blank=True, help_text="The components any of its updates named, divided by commas.")

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=list(Status)), name="statuspage_incident_status_known"),
            models.CheckConstraint(condition=models.Q(impact__in=list(Impact)), name="statuspage_incident_impact_known"),
            models.CheckConstraint(
                condition=models.Q(status="resolved") | models.Q(resolved_at__isnull=True), name="statuspage_open_has_no_end"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PublicUpdate(models.Model):
    """One released update in its public wording; `body` is Markdown.

    `put_right_at` and `put_right_kind` are of the newest correction or retraction of it, `put_right_by` is that where it has
    public wording of its own.
    """

    code = models.CharField(max_length=12, unique=True)
    incident = models.ForeignKey(PublicIncident, on_delete=models.CASCADE, related_name="updates")
    status = models.CharField(max_length=16)
    body = models.TextField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=10, default=UpdateKind.UPDATE)
    put_right_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    put_right_at = models.DateTimeField(null=True)
    put_right_kind = models.CharField(max_length=10, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=list(Status)), name="statuspage_update_status_known"),
            models.CheckConstraint(condition=models.Q(kind__in=list(SHOWN)), name="statuspage_update_kind_known"),
        ]

    def __str__(self) -> str:
        return self.code


class AffectedComponent(models.Model):
    """What an update said of a component. Goes when the component is no longer public."""

    update_of = models.ForeignKey(PublicUpdate, on_delete=models.CASCADE, related_name="affected")
    component = models.ForeignKey(PublicComponent, on_delete=models.CASCADE, related_name="+")
    old_status = models.CharField(max_length=24)
    new_status = models.CharField(max_length=24)

    class Meta:
        ordering = ["component__position", "component__name"]
        constraints = [models.UniqueConstraint(fields=["update_of", "component"], name="statuspage_affected_once")]

    def __str__(self) -> str:
        return f"{self.old_status} to {self.new_status}"
