"""First attempts of many deliveries in one row, where one call carries them all. Both tables refuse change and deletion (triggers)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from notifications.models.message import Message
from notifications.rules.states import Outcome


class WindowAttempt(models.Model):
    """Committed before the network is touched: the first attempt of each delivery in `deliveries`, by ascending id.

    `run` and `fence` are those of the worker that opened it; the run names it as long as it is open, and its deliveries, still *planned*
    in their own rows, are on the wire. Ids are drawn from the sequence of `DeliveryAttempt`, so that the newest attempt is the highest.
    """

    id = models.BigIntegerField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="windows", db_index=False)
    run_id = models.BigIntegerField()
    fence = models.PositiveBigIntegerField()
    provider = models.CharField(max_length=32)
    started_at = models.DateTimeField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    deliveries = ArrayField(models.BigIntegerField())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_id=F("deliveries__0"), last_id__gte=F("first_id")), name="notifications_window_attempt_range"
            )
        ]
        indexes = [models.Index(fields=["message", "first_id"], name="notifications_window_found")]

    def __str__(self) -> str:
        return f"window {self.pk} of message {self.message_id}"


class WindowOutcome(models.Model):
    """How it ended for those in `deliveries`: one row for each answer, all of a window's in one statement (trigger)."""

    window = models.ForeignKey(WindowAttempt, on_delete=models.PROTECT, related_name="outcomes")
    outcome = models.CharField(max_length=16, choices=[(o.value, o.value) for o in Outcome])
    code = models.PositiveSmallIntegerField(default=0)
    detail = models.CharField(max_length=200, blank=True)
    provider_id = models.CharField(max_length=128, blank=True)
    at = models.DateTimeField()
    deliveries = ArrayField(models.BigIntegerField())

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=Q(outcome__in=list(Outcome)), name="notifications_window_outcome_known")]

    def __str__(self) -> str:
        return f"{self.outcome} (window {self.window_id})"
