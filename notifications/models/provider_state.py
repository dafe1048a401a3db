"""Whether a provider can be used now, and how many messages it takes."""

from django.db import models
from django.db.models import Q

from notifications.rules.breaker import Breaker


class ProviderState(models.Model):
    """The breaker and the token bucket of one provider. A provider without a row works, as far as anybody knows.

    *open*: nothing is given to it before `until`, and the channel's next provider is asked. *half_open*: one worker tries a single
    message until `until`. No delivery's tries are used up by any of it. `tokens` are those of `refilled_at`; before `blocked_until`
    nothing is given, for the provider asked for rest.
    """

    channel = models.CharField(max_length=16)
    provider = models.CharField(max_length=32)
    breaker = models.CharField(max_length=10, default=Breaker.CLOSED, choices=[(b.value, b.value) for b in Breaker])
    until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row; the rest grows with them.")
    tokens = models.FloatField(default=0)
    refilled_at = models.DateTimeField(null=True)
    blocked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "provider"], name="notifications_provider_state_once"),
            models.CheckConstraint(condition=Q(breaker__in=list(Breaker)), name="notifications_breaker_known"),
            models.CheckConstraint(
                condition=Q(breaker=Breaker.CLOSED, until__isnull=True) | (~Q(breaker=Breaker.CLOSED) & Q(until__isnull=False)),
                name="notifications_breaker_open_for_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}/{self.provider}: {self.breaker}"
