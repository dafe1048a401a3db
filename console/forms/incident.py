"""Opening an incident, and changing one fact of it."""

from typing import Any, ClassVar

from django import forms

from accounts.queries.holders import holders
from accounts.rules.roles import Permission
from catalogue.models import Component
from incidents.models import Incident
from incidents.rules.words import Category, Impact, Severity, Stage

SEVERITY_WORDS = {
    Severity.SEV1: "SEV1: most customers stopped",
    Severity.SEV2: "SEV2: many customers held up",
    Severity.SEV3: "SEV3: some customers notice",
    Severity.SEV4: "SEV4: hardly anyone notices",
}
IMPACT_WORDS = {
    Impact.NONE: "None",
    Impact.MINOR: "Minor: slower or awkward",
    Impact.MAJOR: "Major: something important fails",
    Impact.CRITICAL: "Critical: of no use at all",
}
STAGE_WORDS = {
    Stage.CONFIRMED: "Confirmed: something is wrong",
    Stage.WATCHING: "Watching: it may be nothing",
}


def _in_words(value: str) -> str:
    return value.replace("_", " ").capitalize()


class IncidentForm(forms.Form):
    """The facts of an incident. With `only`, one of them: the fact that is edited in place."""

    title = forms.CharField(max_length=200, help_text="For colleagues only. What the public reads is written in the update.")
    severity = forms.ChoiceField(
        choices=list(SEVERITY_WORDS.items()),
        initial=Severity.SEV3,
        help_text="How bad it is for us; never shown outside. A core function that stopped is SEV1 too.",
    )
    impact = forms.ChoiceField(
        choices=list(IMPACT_WORDS.items()), initial=Impact.MINOR, help_text="How bad it is for customers; they see it."
    )
    stage = forms.ChoiceField(choices=list(STAGE_WORDS.items()), initial=Stage.CONFIRMED)
    category = forms.ChoiceField(
        choices=[(category.value, _in_words(category)) for category in Category],
        initial=Category.APPLICATION,
        help_text="Picks the wording of the drafts.",
    )
    customer_facing = forms.BooleanField(required=False, initial=True, label="Customers can notice it")
    restricted = forms.BooleanField(
        required=False, label="Restricted", help_text="Only people granted by name or team can see it. Nobody else learns that it exists."
    )
    components = forms.ModelMultipleChoiceField(queryset=Component.objects.all(), required=False, widget=forms.CheckboxSelectMultiple)
    commander = forms.ChoiceField(required=False, choices=[], help_text="Answers for the promised updates.")

    FACTS: ClassVar[tuple[str, ...]] = (
        "title",
        "severity",
        "impact",
        "stage",
        "category",
        "customer_facing",
        "components",
        "commander",
        "restricted",
    )

    def __init__(self, *args: Any, only: str | None = None, may_restrict: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fact = only or ""
        people = [(str(user.pk), user.get_full_name()) for user in holders(Permission.UPDATE_RELEASE)]
        commander = self.fields["commander"]
        if isinstance(commander, forms.ChoiceField):
            commander.choices = [("", "Nobody yet"), *people]
        if not may_restrict:
            del self.fields["restricted"]
        if only is not None:
            self.fields = {name: field for name, field in self.fields.items() if name == only}

    @staticmethod
    def initial_of(incident: Incident) -> dict[str, Any]:
        """The facts as they stand."""
        facts: dict[str, Any] = {name: getattr(incident, name) for name in IncidentForm.FACTS if name not in {"components", "commander"}}
        return facts | {
            "components": list(incident.components.values_list("pk", flat=True)),
            "commander": str(incident.commander_id) if incident.commander_id else "",
        }
