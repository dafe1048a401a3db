"""What is typed into the roster. Times are by the clock of the person who types them."""

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from accounts.models import User
from accounts.rules.duties import IN_WORDS, Duty
from accounts.rules.training import NEEDS_TRAINING
from console.forms.typed import local_instant
from core.errors import InvalidInput

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def duty_choices(duties: Iterable[Duty] = tuple(Duty)) -> list[tuple[str, str]]:
    """Duties as a list to choose from."""
    return [(duty.value, IN_WORDS[duty].capitalize()) for duty in duties]


class LocalInstantField(forms.CharField):
    """A day and a time by the wall clock of the form's zone; cleaned, an instant in UTC."""

    widget = forms.TextInput(attrs={"type": "datetime-local"})
    zone = ZoneInfo("UTC")

    def clean(self, value: str) -> datetime:
        text = super().clean(value)
        try:
            return local_instant(text, self.zone)
        except InvalidInput as error:
            raise forms.ValidationError([sentence for texts in error.fields.values() for sentence in texts]) from error


class DayField(forms.DateField):
    """A day, picked from a calendar. Near the calendar's ends no clock can be read."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_validators = [
        MinValueValidator(date(2000, 1, 1), "Choose a day of this century."),
        MaxValueValidator(date(2099, 12, 31), "Choose a day of this century."),
    ]


class PersonField(forms.ChoiceField):
    """One of the people handed to the form; cleaned, the person."""

    people: dict[str, User]

    def offer(self, people: Iterable[User], empty: str = "") -> None:
        """Offers these people by name."""
        self.people = {user.get_username(): user for user in people}
        first = [("", empty)] if empty or not self.required else []
        self.choices = [*first, *((name, user.get_full_name()) for name, user in self.people.items())]

    def clean(self, value: str) -> User | None:
        return self.people.get(super().clean(value))


class RosterForm(forms.Form):
    """Puts zone and people into the fields that take them."""

    def __init__(self, data: object = None, *, people: Iterable[User], zone: ZoneInfo, initial: dict[str, object] | None = None) -> None:
        super().__init__(data, initial=initial or {})  # type: ignore[arg-type]  # what Django's form takes
        offered = list(people)
        for field in self.fields.values():
            if isinstance(field, LocalInstantField):
                field.zone = zone
            if isinstance(field, PersonField):
                field.offer(offered, "" if len(offered) == 1 and field.required else "Choose …")


class AbsenceForm(RosterForm):
    """Somebody is away."""

    user = PersonField(label="Who is away")
    starts_at = LocalInstantField(label="From")
    ends_at = LocalInstantField(label="Until")
    note = forms.CharField(required=False, max_length=200, help_text="Seen by you and by whoever keeps the roster; it is not in the log.")


class HandoverForm(RosterForm):
    """A duty handed over for a time."""

    duty = forms.ChoiceField(choices=duty_choices)
    giver = PersonField(label="From whom")
    taker = PersonField(label="To whom", help_text="Somebody with the role for this duty: handing over gives no role.")
    starts_at = LocalInstantField(label="From")
    ends_at = LocalInstantField(label="Until")
    reason = forms.CharField(max_length=200)


class ShiftForm(RosterForm):
    """Weekly hours."""

    duty = forms.ChoiceField(choices=duty_choices)
    user = PersonField(label="On duty")
    deputy = PersonField(required=False, help_text="Is asked where the person on duty cannot act.")
    weekdays = forms.TypedMultipleChoiceField(
        choices=[(number, day) for number, day in enumerate(WEEKDAYS)], coerce=int, widget=forms.CheckboxSelectMultiple, label="Days"
    )
    starts = forms.TimeField(label="Begins at", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(
        label="Ends at",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text="An end that is not later than the beginning lies on the next day.",
    )
    time_zone = forms.CharField(
        max_length=64, help_text="The hours are this zone's wall clock, summer and winter. For instance Europe/Berlin."
    )
    valid_from = DayField(label="First day")
    valid_until = DayField(required=False, label="Last day", help_text="Empty: until removed.")


class TrainingForm(RosterForm):
    """A course that somebody took."""

    user = PersonField(label="Who took it")
    duty = forms.ChoiceField(choices=lambda: duty_choices(duty for duty in Duty if duty in NEEDS_TRAINING), label="For")
    at = DayField(label="Taken on")
    valid_until = DayField(required=False, label="Counts until", help_text="Empty: a year after the course.")
    note = forms.CharField(required=False, max_length=200, help_text="For instance the course's name.")
