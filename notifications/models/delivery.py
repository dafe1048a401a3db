"""One message on its way to one address: a row of the outbox."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from notifications.models.message import Message
from notifications.rules.states import IN_FLIGHT, WAITING, DeliveryState, Lane


class Delivery(models.Model):
    """The queue's row. Changed only by guarded updates (`WHERE state = … AND fence = …`), never by `save()`.

    The recipient is a contact point, or, for a colleague whose address is not in the register, the user. `fence` grows with every
    claim: whoever holds an older one has lost the row.
    """

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries")
    contact_point = models.ForeignKey("stakeholders.ContactPoint", on_delete=models.PROTECT, null=True, related_name="deliveries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    audience = models.ForeignKey("stakeholders.Audience", on_delete=models.PROTECT, null=True, related_name="+")
    fallback_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="fallbacks",
        db_index=False,
        help_text="The delivery on another channel that nothing came of in time.",
    )
    purpose = models.CharField(max_length=20)
    channel = models.CharField(max_length=16, default="email")
    key = models.UUIDField(unique=True, help_text="UUIDv5 of message, recipient and purpose; the same over every attempt.")
    lane = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in DeliveryState], default=DeliveryState.PLANNED)
    reason = models.CharField(max_length=200, blank=True)
    fence = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    attempt_count = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0, help_text="Attempts that count; refusals of our own sign-in do not.")
    ambiguous = models.PositiveIntegerField(default=0, help_text="Attempts nobody knows the end of.")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["message", "contact_point", "purpose"], name="notifications_delivery_once"),
            models.UniqueConstraint(fields=["message", "user", "purpose"], name="notifications_user_delivery_once"),
            models.CheckConstraint(
                condition=Q(contact_point__isnull=False, user__isnull=True) | Q(contact_point__isnull=True, user__isnull=False),
                name="notifications_one_recipient",
            ),
            models.UniqueConstraint(
                fields=["fallback_of", "channel"], condition=Q(fallback_of__isnull=False), name="notifications_fallback_once_per_channel"
            ),
            models.CheckConstraint(
                condition=Q(fallback_of__isnull=True) | ~Q(fallback_of=F("id")), name="notifications_fallback_of_another"
            ),
            models.CheckConstraint(condition=Q(state__in=list(DeliveryState)), name="notifications_delivery_state_known"),
            models.CheckConstraint(condition=Q(lane__in=list(Lane)), name="notifications_delivery_lane_known"),
            models.CheckConstraint(
                condition=Q(state__in=sorted(IN_FLIGHT), lease_until__isnull=False)
                | (~Q(state__in=sorted(IN_FLIGHT)) & Q(lease_until__isnull=True)),
                name="notifications_lease_only_in_flight",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(WAITING | IN_FLIGHT), closed_at__isnull=True)
                | (~Q(state__in=sorted(WAITING | IN_FLIGHT)) & Q(closed_at__isnull=False)),
                name="notifications_closed_when_terminal",
            ),
        ]
        indexes = [
            models.Index(fields=["lane", "due_at", "id"], condition=Q(state__in=sorted(WAITING)), name="notifications_delivery_due"),
            models.Index(fields=["lease_until"], condition=Q(state__in=sorted(IN_FLIGHT)), name="notifications_delivery_leased"),
            models.Index(fields=["message", "state"], name="notifications_delivery_states"),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.state})"
