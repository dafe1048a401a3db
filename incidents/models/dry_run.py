"""Trying a version of the policy on past incidents."""

from django.conf import settings
from django.db import models

from incidents.models.incident import Incident

STATES = ("running", "done", "failed")


class PolicyDryRun(models.Model):
    """One trial, worked off in chunks. `last_id` is the last incident looked at, `upto_id` the newest when it began."""

    version = models.PositiveIntegerField(help_text="Number of the version tried.")
    against = models.PositiveIntegerField(help_text="Number of the version in force when it began.")
    rules = models.JSONField(help_text="The rules as they were when it began: a draft may change meanwhile.")
    state = models.CharField(max_length=8, choices=[(s, s) for s in STATES], default="running")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    last_id = models.BigIntegerField(default=0)
    upto_id = models.BigIntegerField()
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField()
    totals = models.JSONField(default=dict)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="incidents_dry_run_state_known"),
            models.CheckConstraint(
                condition=models.Q(state="running", finished_at__isnull=True)
                | (~models.Q(state="running") & models.Q(finished_at__isnull=False)),
                name="incidents_dry_run_finished_has_time",
            ),
            models.UniqueConstraint(fields=["version"], condition=models.Q(state="running"), name="incidents_dry_run_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"dry run {self.pk} of version {self.version}"


class PolicyDryRunDifference(models.Model):
    """An incident for which the version decides otherwise. `before` and `after` hold only what differs, and both rules."""

    run = models.ForeignKey(PolicyDryRun, on_delete=models.CASCADE, related_name="differences")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="+")
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        ordering = ["-incident_id"]
        constraints = [models.UniqueConstraint(fields=["run", "incident"], name="incidents_dry_run_difference_once")]

    def __str__(self) -> str:
        return f"{self.incident_id} in {self.run_id}"
