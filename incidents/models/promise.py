"""The promise of a next update: one row drives countdown, reminders, escalation and, later, the figures."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from incidents.models.incident import Incident
from incidents.models.update import Update
from incidents.rules.words import PromiseOutcome, Step


class UpdatePromise(models.Model):
    """Made to the readers of the update `made_by`, or, with none, by the policy: that a first word comes to those whom it names.

    `audiences` are the keys of those it was made to; where the policy names nobody there are none, and any release answers it.
    `untold` are those of them that have read nothing since: an update that leaves some of them out leaves the promise running for
    these. Of the policy's promise both follow whom it names. No audience waits for two promises of an incident at once (trigger).

    A late one was answered by `kept_by`, or by nothing before the policy asked for no update any more. Minutes are whole:
    `policy_minutes` is what the policy asked for, `chosen_minutes` what a person chose instead.
    """

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="promises")
    made_by = models.ForeignKey(Update, on_delete=models.PROTECT, null=True, related_name="promises_made")
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    policy_version = models.PositiveIntegerField()
    policy_minutes = models.PositiveIntegerField(null=True)
    chosen_minutes = models.PositiveIntegerField(null=True)
    chosen_reason = models.CharField(max_length=300, blank=True)
    audiences = ArrayField(models.CharField(max_length=64), default=list)
    untold = ArrayField(models.CharField(max_length=64), default=list)
    overdue_told_at = models.DateTimeField(null=True, blank=True)
    told_late = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    kept_by = models.ForeignKey(Update, on_delete=models.PROTECT, null=True, related_name="promises_kept")
    outcome = models.CharField(max_length=9, choices=[(o.value, o.value) for o in PromiseOutcome], default=PromiseOutcome.OPEN)
    late_by_seconds = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(untold__contained_by=models.F("audiences")), name="incidents_promise_untold_are_its_own"
            ),
            models.CheckConstraint(
                condition=models.Q(kept_by__isnull=True) | models.Q(untold=[]), name="incidents_promise_answered_was_read_by_all"
            ),
            models.CheckConstraint(condition=models.Q(outcome__in=list(PromiseOutcome)), name="incidents_promise_outcome_known"),
            models.CheckConstraint(
                condition=models.Q(outcome="open", closed_at__isnull=True)
                | (~models.Q(outcome="open") & models.Q(closed_at__isnull=False)),
                name="incidents_promise_closed_with_outcome",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="late")
                | models.Q(outcome="kept", kept_by__isnull=False)
                | (~models.Q(outcome__in=["kept", "late"]) & models.Q(kept_by__isnull=True)),
                name="incidents_promise_kept_by_an_update",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="late", late_by_seconds__gt=0) | (~models.Q(outcome="late") & models.Q(late_by_seconds=0)),
                name="incidents_promise_late_by_some_time",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=models.Q(closed_at__isnull=True), name="incidents_promise_due")]

    def __str__(self) -> str:
        return f"due {self.due_at:%H:%M}"


class PromiseStep(models.Model):
    """One thing the clock of a promise does, once. A step that will not fire says why in `skipped`."""

    promise = models.ForeignKey(UpdatePromise, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=8, choices=[(s.value, s.value) for s in Step])
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True, blank=True)
    told_late = models.BooleanField(default=False)
    skipped = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["promise", "step"], name="incidents_promise_step_once"),
            models.CheckConstraint(condition=models.Q(step__in=list(Step)), name="incidents_promise_step_known"),
            models.CheckConstraint(
                condition=models.Q(fired_at__isnull=True) | models.Q(skipped=""), name="incidents_promise_step_fired_or_skipped"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(fired_at__isnull=True, skipped=""), name="incidents_promise_step_due")
        ]

    def __str__(self) -> str:
        return f"{self.step} of {self.promise_id}"


class Snooze(models.Model):
    """Somebody holds the reminders of a promise back until a time, and says why. The promise itself stays due."""

    promise = models.ForeignKey(UpdatePromise, on_delete=models.PROTECT, related_name="snoozes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    until = models.DateTimeField()
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(until__gt=models.F("at")), name="incidents_snooze_ends_later"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="incidents_snooze_has_reason"),
        ]

    def __str__(self) -> str:
        return f"until {self.until:%H:%M}"
