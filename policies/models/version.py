"""Versions of the policy; one is in force."""

from django.conf import settings
from django.db import models

STATES = ("draft", "proposed", "active", "retired")


class PolicyVersion(models.Model):
    """An ordered rule list. `rules` has the shape that `policies.rules.document` parses.

    A draft is written, proposed, and put in force by somebody who did not change it last; it is retired by the next one.
    `revision` counts the saves of a draft, so that two people who edit at once notice.
    """

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=8, choices=[(s, s) for s in STATES], default="draft")
    rules = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    revision = models.PositiveIntegerField(default=1)
    based_on = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    activated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    activated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="active"), name="policies_one_active"),
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="policies_state_known"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class PolicyVersionAuthor(models.Model):
    """Somebody who wrote at a version, from its first draft on. Kept as long as the version is."""

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="authors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["last_at", "id"]
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="policies_author_once")]

    def __str__(self) -> str:
        return f"{self.user_id} wrote {self.version_id}"
