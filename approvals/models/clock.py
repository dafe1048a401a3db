"""The clock of a slot: its steps, who could fill it, whom it has called, who says "I am reviewing this"."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.models.review import ReviewSlot
from approvals.rules.words import Step


class SlotStep(models.Model):
    """One step of a slot's clock, planned when the round opens. A tick fires it once, or passes it over.

    Passed over (`skipped`) is a step whose slot was filled or closed first, or that a later step of the same slot
    overtook while nothing watched the clock: then the later one is told, labelled late.
    """

    slot = models.ForeignKey(ReviewSlot, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=20, choices=[(s.value, s.value) for s in Step])
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True, blank=True)
    told_late = models.BooleanField(default=False)
    skipped = models.BooleanField(default=False)

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["slot", "step"], name="approvals_step_once_per_slot"),
            models.CheckConstraint(condition=Q(step__in=[s.value for s in Step]), name="approvals_step_known"),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(fired_at__isnull=True), name="approvals_step_due")]

    def __str__(self) -> str:
        return f"{self.step} of slot {self.slot_id}"


class SlotCall(models.Model):
    """Somebody who was asked to fill a slot. `step` is empty for those asked when the round opened."""

    slot = models.ForeignKey(ReviewSlot, on_delete=models.PROTECT, related_name="calls")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    tier = models.PositiveSmallIntegerField(help_text="0 on duty, 1 deputy or delegate, 2 other holders.")
    step = models.CharField(max_length=20, choices=[(s.value, s.value) for s in Step], blank=True)
    called_at = models.DateTimeField()

    class Meta:
        ordering = ["called_at", "id"]
        constraints = [models.UniqueConstraint(fields=["slot", "user"], name="approvals_called_once")]

    def __str__(self) -> str:
        return f"{self.user_id} for slot {self.slot_id}"


class AbleAtOpening(models.Model):
    """Somebody who could have filled the slot when it was asked for. Never changed (trigger).

    What is done to their roles or to what they see afterwards does not make them nobody: see `approvals/queries/ground.py`.
    """

    slot = models.ForeignKey(ReviewSlot, on_delete=models.PROTECT, related_name="able_at_opening")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["slot", "user"], name="approvals_able_once")]

    def __str__(self) -> str:
        return f"{self.user_id} for slot {self.slot_id}"


class SlotClaim(models.Model):
    """The words “I am reviewing this”. A claim shows to others and binds nobody; the newest claim takes over."""

    slot = models.ForeignKey(ReviewSlot, on_delete=models.PROTECT, related_name="claims")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField()
    given_up_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["slot"], condition=Q(given_up_at__isnull=True), name="approvals_one_claim")]

    def __str__(self) -> str:
        return f"{self.user_id} on slot {self.slot_id}"
