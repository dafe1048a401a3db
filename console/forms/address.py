"""Ceasing to write to an address, and writing to it again."""

from django import forms


class ReasonForm(forms.Form):
    """Why; it is written to the log."""

    reason = forms.CharField(
        max_length=200, label="Why", help_text="Kept in the log, for instance: asked by telephone; the mailbox is back."
    )


class UseAgainForm(ReasonForm):
    """The same for what its reader had stopped."""

    reader_asked = forms.BooleanField(
        required=False, label="Its reader has asked for it again", help_text="Kept as their consent. Say under “Why” how they asked."
    )


class OtherAddressForm(forms.Form):
    """Another address in this one's place."""

    address = forms.CharField(
        max_length=1000, label="New address", help_text="What was sent to the old one stays told; nothing more goes there."
    )
