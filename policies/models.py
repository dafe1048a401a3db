"""Versions of the policy; one is in force."""

from django.conf import settings
from django.db import models


class PolicyVersion(models.Model):
    """An ordered rule list. `rules` has the shape that `policies.rules.document` parses."""

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=8, choices=[(s, s) for s in ("draft", "active", "retired")], default="draft")
    rules = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    activated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    activated_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="active"), name="policies_one_active"),
            models.CheckConstraint(condition=models.Q(state__in=["draft", "active", "retired"]), name="policies_state_known"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
