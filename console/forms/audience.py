"""What an audience is told about."""

from django import forms

from accounts.models import Team
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


class OwnersForm(forms.Form):
    """The team that answers for an audience, and the one that stands in."""

    owner = forms.ModelChoiceField(queryset=Team.objects.order_by("name"), required=False, empty_label="nobody", label="Owned by")
    deputy = forms.ModelChoiceField(queryset=Team.objects.order_by("name"), required=False, empty_label="nobody", label="Deputy")


class NewAudienceForm(forms.Form):
    """People who are to read the same wording."""

    name = forms.CharField(max_length=120, label="Name", help_text="As people say it, for instance Key accounts in Europe.")
    key = forms.SlugField(max_length=64, label="Key", help_text="Short and lasting: policies, templates and programs name it.")
    description = forms.CharField(required=False, max_length=500, label="What for")
    is_internal = forms.BooleanField(
        required=False, label="Inside only", help_text="Colleagues alone belong to it, and its wording may name internal things."
    )
