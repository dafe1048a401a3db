"""The routing matrix: which channels an audience is told by, by urgency."""

from django.db import models
from django.db.models import Q

from policies.rules.urgency import Urgency


class RoutingRule(models.Model):
    """One cell. `audience` null is for every audience without a cell of its own at that urgency.

    `channels` is the ordered list that `rules/routing.py` reads; a message keeps the route it was planned by.
    """

    urgency = models.CharField(max_length=8, choices=[(u.value, u.value) for u in Urgency])
    audience = models.ForeignKey("stakeholders.Audience", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    channels = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["urgency", "audience"], nulls_distinct=False, name="notifications_route_once"),
            models.CheckConstraint(condition=Q(urgency__in=[u.value for u in Urgency]), name="notifications_route_urgency_known"),
        ]

    def __str__(self) -> str:
        return f"{self.urgency} × {self.audience_id or 'any'}"
