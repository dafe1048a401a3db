"""What somebody was trained in, by whom it is said, and until when it counts."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models.roster import DUTY_KNOWN, DUTY_NAMES
from accounts.rules.training import Source


class TrainingRecord(models.Model):
    """A course, or a verdict given in practice on a drill. Never changed: one that was wrong is withdrawn, once, with a reason.

    `recorded_by` is empty where the program itself gave the credit, or the command line did. `reference` names what was
    practised on, so that it counts once.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="training_records")
    duty = models.CharField(max_length=32, choices=DUTY_NAMES)
    source = models.CharField(max_length=16, choices=[(source.value, source.value) for source in Source])
    at = models.DateTimeField()
    valid_until = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=100, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=200, blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["duty", "user"], name="accounts_training_by_duty")]
        constraints = [
            models.CheckConstraint(condition=DUTY_KNOWN, name="accounts_training_duty_known"),
            models.CheckConstraint(condition=Q(source__in=[source.value for source in Source]), name="accounts_training_source_known"),
            models.CheckConstraint(condition=Q(valid_until__gt=F("at")), name="accounts_training_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_reason="") | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
                name="accounts_training_withdrawn_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None) | Q(withdrawn_at__isnull=False), name="accounts_training_withdrawer_withdrew"
            ),
            models.UniqueConstraint(fields=["user", "duty", "reference"], condition=~Q(reference=""), name="accounts_practice_counts_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.source} in {self.duty} until {self.valid_until:%Y-%m-%d}"
