"""Who carries a channel's messages, and what is known of whether it works. Secrets stand in the environment alone."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from notifications.rules.states import RANKS, Outcome


class ChannelProvider(models.Model):
    """One provider of one channel, as a person has set it up. The enabled one with the lowest position is asked first."""

    channel = models.CharField(max_length=16)
    provider = models.CharField(max_length=32, help_text="As the registry of transports names it.")
    position = models.PositiveSmallIntegerField()
    enabled = models.BooleanField(default=False)
    rate_per_second = models.FloatField(null=True, help_text="Messages a second at most; empty: as fast as it goes.")
    burst = models.PositiveIntegerField(default=1, help_text="Messages that may go at once after a rest.")
    options = models.JSONField(default=dict, help_text="What this provider alone knows; never a secret.")
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["channel", "position"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "provider"], name="notifications_provider_once"),
            models.UniqueConstraint(
                fields=["channel", "position"], name="notifications_provider_position_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=Q(rate_per_second__isnull=True) | Q(rate_per_second__gt=0, rate_per_second__lte=1_000_000),
                name="notifications_provider_rate_positive",
            ),
            models.CheckConstraint(condition=Q(burst__gte=1), name="notifications_provider_burst_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}/{self.provider}"


class ChannelProof(models.Model):
    """One test message: written down before it was sent, ended once by what came of it. Holds no address in the clear.

    `later`: what the provider told of it afterwards, as of a delivery; it moves forward only.
    """

    provider = models.ForeignKey(ChannelProvider, on_delete=models.PROTECT, related_name="proofs")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    to = models.CharField(max_length=80, help_text="The address with its middle left out.")
    address_digest = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="The address under our key: so often it was written to, not what it is.",
    )
    at = models.DateTimeField()
    outcome = models.CharField(max_length=16, blank=True, help_text="Empty: begun, and nobody knows how it ended.")
    code = models.PositiveIntegerField(default=0)
    detail = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    key = models.UUIDField(null=True, unique=True, editable=False, help_text="By which the provider's later news names it.")
    later = models.CharField(max_length=16, blank=True, default="", db_default="")
    later_detail = models.CharField(max_length=200, blank=True, default="", db_default="")
    later_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["at"], name="notifications_proof_at")]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=["", *Outcome]), name="notifications_proof_outcome_known"),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at__isnull=True) | (~Q(outcome="") & Q(ended_at__isnull=False)),
                name="notifications_proof_ended_whole",
            ),
            models.CheckConstraint(
                condition=Q(later="", later_at__isnull=True, later_detail="") | Q(later__in=list(RANKS), later_at__isnull=False),
                name="notifications_proof_later_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"proof {self.pk} of {self.provider_id}: {self.outcome or 'open'}"


class ProviderEvent(models.Model):
    """News from a provider that was taken in: the same news again changes nothing. Kept longer than a repeat is accepted."""

    provider = models.CharField(max_length=32)
    event = models.CharField(max_length=120, help_text="The provider's own name for it.")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "event"], name="notifications_provider_event_once")]
        indexes = [models.Index(fields=["received_at"], name="notifications_event_age")]

    def __str__(self) -> str:
        return f"{self.provider} {self.event}"


class WebhookKey(models.Model):
    """Which generation of an endpoint's signing secret is in use. The secret itself is derived, never stored.

    Until `previous_until` what is sent bears the signature of the generation before as well. An endpoint without a row is at
    generation 1.
    """

    address = models.CharField(max_length=2048, unique=True)
    generation = models.PositiveIntegerField(default=1)
    previous_until = models.DateTimeField(null=True)
    rotated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(generation__gte=1), name="notifications_webhook_generation")]

    def __str__(self) -> str:
        return f"key {self.pk}, generation {self.generation}"
