"""What waits for the time after which a channel counts as not having told its readers."""

from django.db import models
from django.db.models import F, Q

from notifications.models.message import Message


class FallbackStep(models.Model):
    """Deliveries of one message, audience and channel that are looked at once `due_at` is past: what is open then goes by the next channel.

    They are those with ids above `after_id`, up to `upto_id` (empty: to the last one planned). `again`: those that stand in for others
    themselves; else those planned first. A step that is worked off is deleted.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="fallback_steps")
    audience = models.ForeignKey("stakeholders.Audience", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=16)
    minutes = models.PositiveIntegerField(help_text="How long the channel is waited for.")
    again = models.BooleanField(db_default=False)
    after_id = models.BigIntegerField(db_default=0)
    upto_id = models.BigIntegerField(null=True)
    due_at = models.DateTimeField(help_text="By the database's clock.")

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(minutes__gt=0), name="notifications_fallback_waits_some_time"),
            models.CheckConstraint(condition=Q(upto_id__isnull=True) | Q(after_id__lte=F("upto_id")), name="notifications_fallback_range"),
        ]
        indexes = [models.Index(fields=["due_at"], name="notifications_fallback_due")]

    def __str__(self) -> str:
        return f"{self.channel} of message {self.message_id}, after {self.minutes} min"
