"""What was tried, and how each try ended. Both tables refuse change and deletion, and what names no delivery or attempt (triggers)."""

from django.db import models
from django.db.models import Q

from notifications.models.delivery import Delivery
from notifications.rules.states import Outcome


class DeliveryAttempt(models.Model):
    """Committed before the network is touched: an attempt without an outcome may have been sent."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="attempts", db_constraint=False, db_index=False)
    number = models.PositiveIntegerField()
    fence = models.PositiveBigIntegerField()
    provider = models.CharField(max_length=32, default="smtp")
    started_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="notifications_attempt_number_once")]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.delivery_id}"


class AttemptOutcome(models.Model):
    """How the attempt ended; `code` is the provider's answer (0: none). Holds no address."""

    attempt = models.OneToOneField(DeliveryAttempt, on_delete=models.PROTECT, primary_key=True, related_name="outcome", db_constraint=False)
    outcome = models.CharField(max_length=16, choices=[(o.value, o.value) for o in Outcome])
    code = models.PositiveSmallIntegerField(default=0)
    detail = models.CharField(max_length=200, blank=True)
    provider_id = models.CharField(max_length=128, blank=True, help_text="The provider's own name for it, by which later news come.")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(outcome__in=list(Outcome)), name="notifications_outcome_known")]
        indexes = [models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="notifications_outcome_provider")]

    def __str__(self) -> str:
        return f"{self.outcome} ({self.attempt_id})"
