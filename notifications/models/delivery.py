"""One message on its way to one address: a row of the outbox."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from notifications.models.message import Message
from notifications.rules.states import OPEN, DeliveryState, Lane


class Delivery(models.Model):
    """Changed only by guarded updates (`WHERE state = … AND fence = …`), never by `save()`.

    The recipient is a contact point, or, for a colleague whose address is not in the register, the user. `fence` grows with every
    attempt: whoever holds an older one has lost the row. `run_id` names the run that brings the delivery to a worker; a row that
    is still open belongs to exactly one.

    A release may write a million of these and each is updated twice: no index mentions what changes, so that the updates stay on
    their page (HOT), and references are checked once per statement by triggers instead of row by row (docs/decisions/0036).
    """

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="deliveries", db_constraint=False, db_index=False)
    contact_point = models.ForeignKey(
        "stakeholders.ContactPoint", on_delete=models.PROTECT, null=True, related_name="deliveries", db_constraint=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    audience = models.ForeignKey(
        "stakeholders.Audience", on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    fallback_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="fallbacks",
        db_constraint=False,
        db_index=False,
        help_text="The delivery on another channel that nothing came of in time.",
    )
    run_id = models.BigIntegerField(default=0)
    purpose = models.CharField(max_length=20)
    channel = models.CharField(max_length=16, default="email")
    provider = models.CharField(max_length=32, blank=True, db_default="", help_text="Who carries it since the last attempt; empty before.")
    key = models.UUIDField(unique=True, help_text="Made of message, recipient and purpose; the same over every attempt.")
    lane = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in DeliveryState], default=DeliveryState.PLANNED)
    reason = models.CharField(max_length=200, blank=True)
    fence = models.PositiveBigIntegerField(default=0)
    attempt_count = models.PositiveIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0, help_text="Attempts that count; refusals of our own sign-in do not.")
    ambiguous = models.PositiveIntegerField(default=0, help_text="Attempts nobody knows the end of.")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["message", "contact_point", "purpose"], name="notifications_delivery_once"),
            models.UniqueConstraint(
                fields=["message", "user", "purpose"], condition=Q(user__isnull=False), name="notifications_user_delivery_once"
            ),
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
                condition=Q(state__in=sorted(OPEN), closed_at__isnull=True) | (~Q(state__in=sorted(OPEN)) & Q(closed_at__isnull=False)),
                name="notifications_closed_when_terminal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} ({self.state})"
