"""Holding reminders back."""

from django import forms

MINUTES = [(10, "10 minutes"), (20, "20 minutes"), (30, "30 minutes"), (60, "an hour")]


class SnoozeForm(forms.Form):
    """For how long, and why."""

    minutes = forms.TypedChoiceField(choices=MINUTES, coerce=int, initial=20, label="For")
    reason = forms.CharField(max_length=300, label="Why", help_text="Whoever is called in later reads it.")
