"""Versions of the organisation's rule set; one is in force."""

from django.conf import settings
from django.db import models


class RuleSetVersion(models.Model):
    """Terms of the organisation's own and what it allows. `document` has the shape that `screening.rules.rule_set` describes.

    A draft may be rewritten; what has been in force is kept as it was (trigger).
    """

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=8, choices=[(s, s) for s in ("draft", "active", "retired")], default="draft")
    document = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    activated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    activated_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="active"), name="screening_one_active"),
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="draft"), name="screening_one_draft"),
            models.CheckConstraint(condition=models.Q(state__in=["draft", "active", "retired"]), name="screening_state_known"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
