"""Making an API token for oneself."""

from datetime import timedelta

from django import forms

from accounts.rules.scopes import Scope

SCOPE_WORDS = {
    Scope.READ: "Read what you may read",
    Scope.INCIDENTS_WRITE: "Open and change incidents",
    Scope.UPDATES_WRITE: "Write updates and ask for review",
    Scope.STAKEHOLDERS_WRITE: "Keep the register of stakeholders",
}
LIFETIMES = [("30", "30 days"), ("90", "90 days"), ("365", "a year")]


class TokenForm(forms.Form):
    """What the token is for, what it may do, and for how long."""

    name = forms.CharField(max_length=120, label="What it is for", help_text="The program that will hold it, for instance: deploy bot.")
    scopes = forms.MultipleChoiceField(
        choices=[(scope.value, words) for scope, words in SCOPE_WORDS.items()],
        widget=forms.CheckboxSelectMultiple,
        label="It may",
        error_messages={"required": "Tick at least one."},
    )
    days = forms.ChoiceField(choices=LIFETIMES, initial="90", label="It works for")

    def lifetime(self) -> timedelta:
        """Of a valid form."""
        return timedelta(days=int(self.cleaned_data["days"]))
