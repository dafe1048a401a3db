"""Which database this is, whether it may send, and when the engine was last looked over. One row."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class Installation(models.Model):
    """`marker` stands in a file outside the database too. A database that was restored or copied no longer matches it, or the server it
    ran on: it is disarmed, and sends nothing until a person arms it again.

    `watched_at` is when the auditor last looked, `passed_at` when it last found nothing wrong, `problems` what it found.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    marker = models.UUIDField(default=uuid.uuid4)
    server = models.CharField(max_length=40, help_text="PostgreSQL's system identifier and timeline.")
    disarmed_at = models.DateTimeField(null=True)
    disarmed_reason = models.CharField(max_length=200, blank=True)
    armed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    armed_at = models.DateTimeField(null=True)
    watched_at = models.DateTimeField(null=True)
    passed_at = models.DateTimeField(null=True)
    problems = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="notifications_one_installation"),
            models.CheckConstraint(
                condition=Q(disarmed_at__isnull=True, disarmed_reason="") | (Q(disarmed_at__isnull=False) & ~Q(disarmed_reason="")),
                name="notifications_disarmed_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"installation {self.marker}"
