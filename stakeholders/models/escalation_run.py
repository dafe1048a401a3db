"""Runs of escalation trees: what was told when to whom, and who answered."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.identifiers import public_id
from stakeholders.models.contact_point import ContactPoint
from stakeholders.models.drill import Drill
from stakeholders.models.escalation import EscalationTree
from stakeholders.models.stakeholder import Stakeholder
from stakeholders.rules.escalation_words import How, RunEnding


class EscalationRun(models.Model):
    """One call for somebody. Its steps were frozen when it began: a later change of the tree concerns later runs.

    `subject` is what it is about, as the log spells it (`incident:abc`), or empty: a floor above knows what that is and who may see it.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    tree = models.ForeignKey(EscalationTree, on_delete=models.PROTECT, related_name="runs")
    tree_edition = models.PositiveIntegerField()
    drill = models.OneToOneField(Drill, on_delete=models.PROTECT, null=True, blank=True, related_name="run")
    subject = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=150)
    body = models.TextField(blank=True, max_length=4000)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField()
    gives_up_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=12, blank=True, choices=[(e.value, e.value) for e in RunEnding])
    stop_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["gives_up_at"], condition=Q(ended_at__isnull=True), name="stakeholders_run_open")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ending="") | Q(ended_at__isnull=False, ending__in=[e.value for e in RunEnding]),
                name="stakeholders_run_ends_somehow",
            ),
            models.CheckConstraint(
                condition=~Q(ending=RunEnding.STOPPED.value) | ~Q(stop_reason=""), name="stakeholders_run_stopped_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class EscalationRunStep(models.Model):
    """A step on its way: `targets` as they stood when the run began, `skipped` where somebody answered before its time.

    `path` says which trees led here, by name; `position` is the step's place in the last of them.
    """

    run = models.ForeignKey(EscalationRun, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    path = models.CharField(max_length=500)
    position = models.PositiveSmallIntegerField()
    targets = models.JSONField()
    due_at = models.DateTimeField()
    fired_at = models.DateTimeField(null=True, blank=True)
    told_late = models.BooleanField(default=False)
    skipped = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        indexes = [models.Index(fields=["due_at"], condition=Q(fired_at__isnull=True, skipped=False), name="stakeholders_run_step_due")]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="stakeholders_run_step_once"),
            models.CheckConstraint(condition=Q(fired_at__isnull=True) | Q(skipped=False), name="stakeholders_run_step_told_or_skipped"),
        ]

    def __str__(self) -> str:
        return f"step {self.number} of run {self.run_id}"


class EscalationCall(models.Model):
    """Somebody whom a step called. `passed_over` says why nothing could be sent to them; empty: they were told."""

    run_step = models.ForeignKey(EscalationRunStep, on_delete=models.PROTECT, related_name="calls")
    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=200)
    passed_over = models.CharField(max_length=200, blank=True)
    called_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["run_step", "stakeholder"], name="stakeholders_call_person_once"),
            models.UniqueConstraint(fields=["run_step", "user"], name="stakeholders_call_user_once"),
            models.CheckConstraint(condition=~Q(stakeholder__isnull=False, user__isnull=False), name="stakeholders_call_one_person"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, step {self.run_step_id}"


class Acknowledgement(models.Model):
    """Somebody answered: a run, or a drill to an audience. Whoever is in the register stands here as stakeholder, else as user."""

    run = models.ForeignKey(EscalationRun, on_delete=models.PROTECT, null=True, blank=True, related_name="acknowledgements")
    drill = models.ForeignKey(Drill, on_delete=models.PROTECT, null=True, blank=True, related_name="acknowledgements")
    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    contact_point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=200)
    how = models.CharField(max_length=4, choices=[(how.value, how.value) for how in How])
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(run__isnull=False, drill__isnull=True) | Q(run__isnull=True, drill__isnull=False),
                name="stakeholders_answer_to_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(stakeholder__isnull=False, user__isnull=True) | Q(stakeholder__isnull=True, user__isnull=False),
                name="stakeholders_answer_of_one_person",
            ),
            models.CheckConstraint(condition=Q(how__in=[how.value for how in How]), name="stakeholders_answer_how_known"),
            models.UniqueConstraint(fields=["run", "stakeholder"], name="stakeholders_run_answered_once"),
            models.UniqueConstraint(fields=["run", "user"], name="stakeholders_run_answered_once_by_user"),
            models.UniqueConstraint(fields=["drill", "stakeholder"], name="stakeholders_drill_answered_once"),
            models.UniqueConstraint(fields=["drill", "user"], name="stakeholders_drill_answered_once_by_user"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.at}"
