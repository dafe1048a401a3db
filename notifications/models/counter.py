"""Where a message's deliveries stand, as numbers. All of it is kept by triggers on the deliveries, in the transaction that moves them."""

from django.db import models
from django.db.models import Q

from notifications.models.delivery import Delivery
from notifications.models.message import Message
from notifications.rules.following import Followed
from notifications.rules.states import LISTED


class MessageCounter(models.Model):
    """How many deliveries of a message, carried by a provider, stand in a state: the sum of `count` over its shards.

    `provider` is empty for what was never tried. `first_id` and `last_id` bound the ids of the deliveries planned, so that a list of
    them is read along the primary key.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="counters", db_constraint=False, db_index=False)
    channel = models.CharField(max_length=16)
    state = models.CharField(max_length=12)
    provider = models.CharField(max_length=32, blank=True, db_default="")
    shard = models.PositiveIntegerField(help_text="The database session that counted: none waits for another's row. 0: folded.")
    count = models.BigIntegerField()
    first_id = models.BigIntegerField(null=True)
    last_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "channel", "state", "provider", "shard"], name="notifications_counter_once")
        ]
        indexes = [models.Index(fields=["message"], condition=~Q(shard=0), name="notifications_counter_shards")]

    def __str__(self) -> str:
        return f"{self.count} {self.state}"


class CauseCounter(models.Model):
    """How many of them did not arrive, were stopped or wait for another try for one cause: the sum over the shards.

    A cause is the reason without what differs from one delivery to the next (`notifications_cause` in the database).
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="causes", db_constraint=False, db_index=False)
    channel = models.CharField(max_length=16)
    state = models.CharField(max_length=12)
    cause = models.CharField(max_length=200)
    shard = models.PositiveIntegerField()
    count = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "channel", "state", "cause", "shard"], name="notifications_cause_once")]
        indexes = [models.Index(fields=["message"], condition=~Q(shard=0), name="notifications_cause_shards")]

    def __str__(self) -> str:
        return f"{self.count} {self.state}: {self.cause}"


class MessagePace(models.Model):
    """How many attempts of a message ended in ten seconds from `slot` on, and how many of those were accepted. Kept for a day."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="pace", db_constraint=False, db_index=False)
    channel = models.CharField(max_length=16)
    provider = models.CharField(max_length=32, blank=True)
    slot = models.DateTimeField()
    shard = models.PositiveIntegerField()
    ended = models.BigIntegerField()
    accepted = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "slot", "channel", "provider", "shard"], name="notifications_pace_once")]
        indexes = [models.Index(fields=["slot"], name="notifications_pace_old")]

    def __str__(self) -> str:
        return f"{self.ended} from {self.slot}"


class DeliveryFailure(models.Model):
    """A delivery that did not arrive or may not be sent, so that few are found among a million without looking at them."""

    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT, primary_key=True, related_name="+", db_constraint=False)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="failures", db_constraint=False, db_index=False)
    channel = models.CharField(max_length=16)
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=200)
    followed = models.CharField(max_length=10, db_default="", help_text="What came of the route's next channel; empty: not looked at yet.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=sorted(LISTED)), name="notifications_failure_state_failed"),
            models.CheckConstraint(condition=Q(followed__in=list(Followed)), name="notifications_failure_followed_known"),
        ]
        indexes = [
            models.Index(fields=["message", "state", "delivery"], name="notifications_failure_listed"),
            models.Index(fields=["message", "delivery"], condition=Q(followed=""), name="notifications_failure_new"),
            models.Index(
                fields=["message", "followed"], condition=Q(followed__in=["planned", "unreached"]), name="notifications_failure_followed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state}: {self.reason}"
