"""Escalation trees: who is told first, who next when nobody answers, and the hours for which that is promised."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.rules.duties import IN_WORDS, Duty
from core.identifiers import public_id
from stakeholders.models.stakeholder import Stakeholder
from stakeholders.rules.escalation_words import LONGEST_RUN, LONGEST_WAIT, Ring

EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]


def every_day() -> list[int]:
    """Monday to Sunday."""
    return list(EVERY_DAY)


class EscalationTree(models.Model):
    """Steps in order. `covered_*` are the hours for which somebody is promised to be reached: local times of `time_zone` on
    `covered_days` (Monday is 0), over midnight where `covered_from` is the later one; without times the whole day.

    `wakes`: people are told during their quiet hours too. `gives_up_after`: minutes after which a run ends unanswered.
    `edition` counts the changes, so that no editor overwrites another's.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, max_length=2000)
    owner = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="escalation_trees")
    wakes = models.BooleanField(default=True)
    covered_days = ArrayField(models.PositiveSmallIntegerField(), default=every_day)
    covered_from = models.TimeField(null=True, blank=True)
    covered_until = models.TimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", help_text="IANA name, for instance Europe/Berlin.")
    gives_up_after = models.PositiveIntegerField(default=240, help_text="Minutes.")
    drill_every_days = models.PositiveSmallIntegerField(null=True, blank=True, default=90)
    edition = models.PositiveIntegerField(default=1)
    retired_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(covered_from__isnull=True, covered_until__isnull=True)
                | (Q(covered_from__isnull=False, covered_until__isnull=False) & ~Q(covered_from=F("covered_until"))),
                name="stakeholders_tree_hours_whole",
            ),
            models.CheckConstraint(
                condition=Q(covered_days__contained_by=EVERY_DAY) & ~Q(covered_days=[]), name="stakeholders_tree_days_of_the_week"
            ),
            models.CheckConstraint(condition=Q(gives_up_after__range=(1, LONGEST_RUN)), name="stakeholders_tree_gives_up_in_time"),
            models.CheckConstraint(
                condition=Q(drill_every_days__isnull=True) | Q(drill_every_days__range=(1, 730)), name="stakeholders_tree_drill_interval"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EscalationStep(models.Model):
    """Who is told together. Unless somebody answers, the next step is told `wait_minutes` later."""

    tree = models.ForeignKey(EscalationTree, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(help_text="The first is 1.")
    wait_minutes = models.PositiveSmallIntegerField(default=10)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["tree", "position"], name="stakeholders_step_position_once"),
            models.CheckConstraint(condition=Q(position__gte=1), name="stakeholders_step_counted_from_one"),
            models.CheckConstraint(condition=Q(wait_minutes__range=(1, LONGEST_WAIT)), name="stakeholders_step_waits_some_time"),
        ]

    def __str__(self) -> str:
        return f"step {self.position} of {self.tree_id}"


class EscalationTarget(models.Model):
    """One whom a step tells: an entry of the register, whoever has a duty then, or all that another tree tells from then on."""

    step = models.ForeignKey(EscalationStep, on_delete=models.CASCADE, related_name="targets")
    position = models.PositiveSmallIntegerField(default=0)
    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.PROTECT, null=True, blank=True, related_name="escalation_targets")
    duty = models.CharField(max_length=32, blank=True, choices=[(duty.value, IN_WORDS[duty]) for duty in Duty])
    ring = models.CharField(max_length=10, blank=True, choices=[(ring.value, ring.value) for ring in Ring])
    tree = models.ForeignKey(EscalationTree, on_delete=models.PROTECT, null=True, blank=True, related_name="named_by")

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stakeholder__isnull=False, duty="", ring="", tree__isnull=True)
                | Q(stakeholder__isnull=True, duty="", ring="", tree__isnull=False)
                | Q(
                    stakeholder__isnull=True,
                    tree__isnull=True,
                    duty__in=[duty.value for duty in Duty],
                    ring__in=[ring.value for ring in Ring],
                ),
                name="stakeholders_target_is_one_thing",
            ),
            models.UniqueConstraint(fields=["step", "stakeholder"], name="stakeholders_target_person_once"),
            models.UniqueConstraint(fields=["step", "tree"], name="stakeholders_target_tree_once"),
            models.UniqueConstraint(fields=["step", "duty", "ring"], condition=~Q(duty=""), name="stakeholders_target_duty_once"),
        ]

    def __str__(self) -> str:
        return self.duty or f"stakeholder {self.stakeholder_id}" if self.tree_id is None else f"tree {self.tree_id}"
