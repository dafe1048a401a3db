"""What the queue consists of: runs of deliveries to be claimed, and what is left to be planned."""

from django.db import models
from django.db.models import F, Q

from notifications.models.message import Message
from notifications.rules.states import Lane


class DeliveryRun(models.Model):
    """Up to some hundred open deliveries of one message, channel and lane, claimed as one.

    Its deliveries are those with its number in `run_id`; their ids lie between `first_id` and `last_id`, and those before `next_id` have
    been taken already. `lease_until` is set while a worker holds it, and `fence` grows with every claim: whoever holds an older one
    has lost it. A run with nothing left to send is deleted. `window_id` names the window of first attempts that is open, where one
    row holds many (`models.window`): what it lists is on the wire.
    """

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="runs")
    channel = models.CharField(max_length=16)
    lane = models.PositiveSmallIntegerField()
    first_id = models.BigIntegerField()
    next_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    size = models.PositiveIntegerField(help_text="How many deliveries it was made of.")
    due_at = models.DateTimeField()
    fence = models.PositiveBigIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    window_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["lane", "due_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(lane__in=list(Lane)), name="notifications_run_lane_known"),
            models.CheckConstraint(condition=Q(first_id__lte=F("last_id"), next_id__gte=F("first_id")), name="notifications_run_range"),
            models.CheckConstraint(
                condition=Q(window_id__isnull=True) | Q(lease_until__isnull=False), name="notifications_run_open_window_leased"
            ),
        ]
        indexes = [models.Index(fields=["channel", "lane", "due_at", "id"], name="notifications_run_due")]

    def __str__(self) -> str:
        return f"run {self.pk}: {self.first_id}–{self.last_id}"


class PlanStep(models.Model):
    """One pass over an audience, or over who got what a correction is about, that is not planned to its end yet.

    Planned are the recipients with ids above `after_id`, up to `upto_id`: who came later is not among those the release was made for.
    One with much left is halved, so that several workers plan it: halves share a position. A pass begins when those before it are done.
    `joined`: a second look, for those who came to the audience after its pass. A finished step is deleted; the message then says when
    its plan was whole.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="plan_steps")
    position = models.PositiveIntegerField()
    channel = models.CharField(max_length=16)
    lane = models.PositiveSmallIntegerField()
    audience = models.ForeignKey("stakeholders.Audience", on_delete=models.PROTECT, null=True, related_name="+")
    joined = models.BooleanField(default=False)
    after_id = models.BigIntegerField(default=0)
    upto_id = models.BigIntegerField()

    class Meta:
        ordering = ["message", "position"]
        constraints = [
            models.UniqueConstraint(fields=["message", "position", "upto_id"], name="notifications_plan_step_once"),
            models.CheckConstraint(condition=Q(lane__in=list(Lane)), name="notifications_plan_lane_known"),
        ]

    def __str__(self) -> str:
        return f"step {self.position} of message {self.message_id}"
