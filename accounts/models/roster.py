"""Who is on duty when: weekly shifts, handovers, absences."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.rules.duties import IN_WORDS, Duty

DUTY_NAMES = [(duty.value, IN_WORDS[duty]) for duty in Duty]
DUTY_KNOWN = Q(duty__in=[duty.value for duty in Duty])


class RotaShift(models.Model):
    """A person's weekly hours in a duty, by the wall clock of a zone; who stands in when they cannot act.

    An end not later than the start lies on the next day. `valid_until` is the last day on which the shift begins.
    """

    duty = models.CharField(max_length=32, choices=DUTY_NAMES)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rota_shifts")
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="deputy_shifts")
    weekday = models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)], help_text="Monday is 0.")
    starts = models.TimeField()
    ends = models.TimeField()
    time_zone = models.CharField(max_length=64)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["duty", "valid_from"], name="accounts_shift_by_duty")]
        constraints = [
            models.CheckConstraint(condition=DUTY_KNOWN, name="accounts_shift_duty_known"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="accounts_shift_weekday_known"),
            models.CheckConstraint(condition=Q(deputy=None) | ~Q(deputy=F("user")), name="accounts_shift_deputy_is_another"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")), name="accounts_shift_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.duty}: {self.user}, weekday {self.weekday} {self.starts:%H:%M}–{self.ends:%H:%M} {self.time_zone}"


class Delegation(models.Model):
    """For a time the taker is asked where the giver would be. It calls in somebody who has the role; it grants nothing."""

    duty = models.CharField(max_length=32, choices=DUTY_NAMES)
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations_given")
    taker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations_taken")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["duty", "ends_at"], name="accounts_delegation_by_duty")]
        constraints = [
            models.CheckConstraint(condition=DUTY_KNOWN, name="accounts_delegation_duty_known"),
            models.CheckConstraint(condition=~Q(giver=F("taker")), name="accounts_delegation_to_another"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="accounts_delegation_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(reason=""), name="accounts_delegation_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.duty}: {self.giver} to {self.taker}"


class Absence(models.Model):
    """A time in which somebody is not asked. `recorded_by` is empty where nobody knows any more: it opens no override."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["user", "ends_at"], name="accounts_absence_by_user")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="accounts_absence_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.user} away until {self.ends_at}"
