"""Drills: real messages, marked as a drill, to learn whom an audience or a tree reaches before it matters."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.identifiers import public_id
from stakeholders.models.audience import Audience
from stakeholders.models.escalation import EscalationTree


class Drill(models.Model):
    """To a tree, whose steps are all walked, or to an audience. Acknowledgements count until `closes_at`.

    `critical`: sent before everything else and in quiet hours, as in earnest. `told_late`: it began late, because nothing watched the
    clock.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    tree = models.ForeignKey(EscalationTree, on_delete=models.PROTECT, null=True, blank=True, related_name="drills")
    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, null=True, blank=True, related_name="drills")
    title = models.CharField(max_length=150)
    body = models.TextField(blank=True, max_length=4000)
    critical = models.BooleanField(default=False)
    planned_for = models.DateTimeField()
    closes_at = models.DateTimeField()
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    told_late = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-planned_for", "-id"]
        indexes = [
            models.Index(
                fields=["planned_for"],
                condition=Q(started_at__isnull=True, cancelled_at__isnull=True),
                name="stakeholders_drill_due",
            ),
            models.Index(
                fields=["closes_at"],
                condition=Q(started_at__isnull=False, closed_at__isnull=True, cancelled_at__isnull=True),
                name="stakeholders_drill_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(tree__isnull=False, audience__isnull=True) | Q(tree__isnull=True, audience__isnull=False),
                name="stakeholders_drill_one_subject",
            ),
            models.CheckConstraint(condition=Q(closes_at__gt=F("planned_for")), name="stakeholders_drill_closes_after_it_begins"),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True, cancel_reason="") | (Q(cancelled_at__isnull=False) & ~Q(cancel_reason="")),
                name="stakeholders_drill_cancelled_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(started_at__isnull=False), name="stakeholders_drill_closed_was_started"
            ),
        ]

    def __str__(self) -> str:
        return self.title
