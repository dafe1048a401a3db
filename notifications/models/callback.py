"""What a provider said afterwards, as it came. The table refuses change of what was said, and deletion (trigger)."""

from django.db import models
from django.db.models import Q

from notifications.rules.states import RANKS


class DeliveryCallback(models.Model):
    """One piece of news about one delivery, kept once however often it is told.

    It names the delivery by our key, or by the provider's own name for it. `applied_at` is set when it was weighed against the
    delivery's state; empty, it waits for the worker that is sending right now to write down what the provider is talking about.
    """

    provider = models.CharField(max_length=32)
    provider_id = models.CharField(max_length=128, blank=True)
    key = models.UUIDField(null=True)
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in RANKS])
    detail = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField(help_text="When it happened, by the provider's clock.")
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(RANKS)), name="notifications_callback_state_known"),
            models.CheckConstraint(condition=Q(key__isnull=False) | ~Q(provider_id=""), name="notifications_callback_names_a_delivery"),
            models.UniqueConstraint(
                fields=["provider", "key", "state", "at"], condition=Q(key__isnull=False), name="notifications_callback_once_by_key"
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_id", "state", "at"], condition=Q(key__isnull=True), name="notifications_callback_once_by_id"
            ),
        ]
        indexes = [models.Index(fields=["received_at"], condition=Q(applied_at__isnull=True), name="notifications_callback_waiting")]

    def __str__(self) -> str:
        return f"{self.provider}: {self.state}"
