"""The release, and the schedule that leads to it."""

from django.conf import settings
from django.db import models

from core.identifiers import public_id
from incidents.models import Update, UpdateRevision


class ReleaseSchedule(models.Model):
    """When an approved update is to go without a further click. A tick claims due rows and decides everything again."""

    update_of = models.ForeignKey(Update, on_delete=models.PROTECT, related_name="schedules")
    revision = models.ForeignKey(UpdateRevision, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=20, choices=[(m, m) for m in ("as_soon_as_approved", "at_time")])
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=[(s, s) for s in ("pending", "done", "held", "cancelled")], default="pending")
    reason = models.CharField(max_length=300, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["update_of"], condition=models.Q(state="pending"), name="approvals_one_pending_schedule"),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "done", "held", "cancelled"]), name="approvals_schedule_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mode} {self.due_at} ({self.state})"


class Release(models.Model):
    """The moment an approved update was let out: which exact words, by whom. Never changed (trigger).

    Without `round` the words are those of approved holding statements, which `holding_uses` of the revision name.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    update_of = models.OneToOneField(Update, on_delete=models.PROTECT, related_name="release")
    revision = models.ForeignKey(UpdateRevision, on_delete=models.PROTECT, related_name="+")
    content_hash = models.CharField(max_length=64)
    round = models.OneToOneField("ReviewRound", on_delete=models.PROTECT, null=True, related_name="release")
    mode = models.CharField(max_length=20, choices=[(m, m) for m in ("by_hand", "as_soon_as_approved", "at_time")])
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="releases")
    released_at = models.DateTimeField()
    overridden = models.BooleanField(default=False, help_text="Let out without every review; there is an `Override` (trigger).")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.public_id
