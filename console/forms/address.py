"""Ceasing to write to an address, and writing to it again."""

from django import forms


class ReasonForm(forms.Form):
    """Why; it is written to the log."""

    reason = forms.CharField(
        max_length=200, label="Why", help_text="Kept in the log, for instance: asked by telephone; the mailbox is back."
    )
