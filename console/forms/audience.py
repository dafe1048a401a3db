"""What an audience is told about."""

from django import forms

from catalogue.models import Component


class ScopeForm(forms.Form):
    """Two bounds, both optional; an audience without any hears of everything written to it."""

    customer_facing_only = forms.BooleanField(required=False, label="Only incidents that customers notice")
    components = forms.ModelMultipleChoiceField(
        queryset=Component.objects.all(),
        required=False,
        to_field_name="key",
        label="Only incidents that affect one of these components",
        help_text="None chosen: incidents of any component.",
        widget=forms.CheckboxSelectMultiple,
    )
