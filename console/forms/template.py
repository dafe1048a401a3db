"""Writing a new template, and a new holding statement."""

from django import forms

from incidents.rules.words import Category, Status
from stakeholders.models import Audience
from templates.rules.holding import HOLDING_VARIABLES, SCENARIOS
from templates.rules.variables import VARIABLES

FILLED = "Words in double braces are filled in: {}."


class TemplateForm(forms.Form):
    """The place and the first wording."""

    name = forms.CharField(max_length=120, help_text="What colleagues call it.")
    category = forms.ChoiceField(
        required=False, choices=[("", "Any category"), *((word.value, word.replace("_", " ").capitalize()) for word in Category)]
    )
    status = forms.ChoiceField(choices=[(word.value, word.capitalize()) for word in Status])
    audience = forms.ChoiceField()
    only_by_rule = forms.BooleanField(
        required=False, label="Only where a rule or the policy names it", help_text="Leaves the template of this place as it is."
    )
    title = forms.CharField(max_length=200)
    body = forms.CharField(widget=forms.Textarea(attrs={"rows": 10}), help_text="Markdown. " + FILLED.format(", ".join(VARIABLES)))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # what Django's form takes
        _fill_audiences(self)


class StatementForm(forms.Form):
    """What the statement is for and its first wording."""

    key = forms.SlugField(max_length=64, help_text="Small letters, digits and hyphens; stays for good, for instance outage-customers-en.")
    name = forms.CharField(max_length=120, help_text="What colleagues call it.")
    scenario = forms.ChoiceField(choices=[(key, scenario.name) for key, scenario in SCENARIOS.items()])
    audience = forms.ChoiceField()
    language = forms.CharField(max_length=16, initial="en", help_text="For instance en or pt-BR.")
    title = forms.CharField(max_length=200)
    body = forms.CharField(widget=forms.Textarea(attrs={"rows": 8}), help_text="Markdown. " + FILLED.format(", ".join(HOLDING_VARIABLES)))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # what Django's form takes
        _fill_audiences(self)


def _fill_audiences(form: forms.Form) -> None:
    field = form.fields["audience"]
    if isinstance(field, forms.ChoiceField):
        field.choices = [(audience.key, audience.name) for audience in Audience.objects.all()]
