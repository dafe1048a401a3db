"""An entry of the register as a form. What must hold of each field is the service's to say; here it is asked for."""

from typing import Any

from django import forms

from catalogue.models import Component
from console.register_words import CONTACT_WORDS, KIND_WORDS
from core.errors import InvalidInput
from stakeholders.models import Audience, Stakeholder
from stakeholders.rules.kinds import ContactKind, StakeholderKind, Tier

CONTACT_CHOICES = [(kind.value, words) for kind, words in CONTACT_WORDS.items()]
CONTACT_HELP = "A number with its country, for instance +49 30 901820; a web address with https."
PLAIN = (
    "kind", "name", "external_id", "organisation", "tier", "contract", "success_manager", "region", "language", "time_zone", "quiet_from",
    "quiet_until",
)  # fmt: skip


class StakeholderForm(forms.Form):
    """Every field of an entry but its addresses and audiences."""

    kind = forms.ChoiceField(choices=[(kind.value, words) for kind, words in KIND_WORDS.items()], initial=StakeholderKind.CUSTOMER)
    name = forms.CharField(max_length=200)
    external_id = forms.CharField(
        max_length=128, required=False, label="External id", help_text="What your CRM calls the entry; lists and programs find it by this."
    )
    organisation = forms.CharField(
        max_length=200, required=False, help_text="What they belong to: its external id, its id here, or its name where only one has it."
    )
    tier = forms.ChoiceField(choices=[("", "None"), *((tier.value, tier.value.capitalize()) for tier in Tier)], required=False)
    contract = forms.CharField(max_length=200, required=False, help_text="Number or name, for whoever looks it up.")
    success_manager = forms.CharField(
        max_length=254, required=False, label="Customer success manager", help_text="User name or e-mail address of a colleague."
    )
    region = forms.CharField(max_length=64, required=False, help_text="For instance eu-west.")
    tags = forms.CharField(max_length=2000, required=False, help_text="Several with commas, for instance beta, api-users.")
    language = forms.CharField(max_length=12, initial="en", help_text="For instance en or pt-BR.")
    time_zone = forms.CharField(max_length=64, initial="UTC", help_text="IANA name, for instance Europe/Berlin.")
    quiet_from = forms.CharField(
        max_length=5, required=False, label="Quiet from", widget=forms.TimeInput(attrs={"type": "time"}), help_text="In their time zone."
    )
    quiet_until = forms.CharField(max_length=5, required=False, label="Quiet until", widget=forms.TimeInput(attrs={"type": "time"}))
    depends_on = forms.ModelMultipleChoiceField(
        queryset=Component.objects.all(),
        required=False,
        to_field_name="key",
        label="Depends on",
        widget=forms.CheckboxSelectMultiple,
        help_text="The components whose trouble is theirs.",
    )

    @staticmethod
    def initial_of(stakeholder: Stakeholder) -> dict[str, Any]:
        """The entry as it stands."""
        return {
            **{name: getattr(stakeholder, name) or "" for name in ("kind", "name", "external_id", "tier", "contract", "region")},
            "organisation": stakeholder.organisation.public_id if stakeholder.organisation else "",
            "success_manager": stakeholder.success_manager.username if stakeholder.success_manager else "",
            "tags": ", ".join(stakeholder.tags),
            "language": stakeholder.language,
            "time_zone": stakeholder.time_zone,
            "quiet_from": stakeholder.quiet_from.strftime("%H:%M") if stakeholder.quiet_from else "",
            "quiet_until": stakeholder.quiet_until.strftime("%H:%M") if stakeholder.quiet_until else "",
            "depends_on": [component.key for component in stakeholder.depends_on.all()],
        }

    def given(self) -> dict[str, Any]:
        """What the services take."""
        data = self.cleaned_data
        tags = [tag for tag in data["tags"].replace(",", " ").replace(";", " ").lower().split() if tag]
        return {
            **{name: data[name] for name in PLAIN},
            "tags": tags,
            "depends_on": [component.key for component in data["depends_on"]],
        }

    def refuse(self, error: InvalidInput) -> None:
        """Puts the service's sentences beside the fields they are about."""
        for name, texts in error.fields.items():
            for text in texts:
                self.add_error(name if name in self.fields else None, text)


class NewStakeholderForm(StakeholderForm):
    """With a first address and audiences."""

    contact_kind = forms.ChoiceField(choices=CONTACT_CHOICES, label="Reached by", required=False)
    address = forms.CharField(max_length=1000, required=False, label="Address", help_text=CONTACT_HELP)
    audiences = forms.ModelMultipleChoiceField(
        queryset=Audience.objects.all(),
        required=False,
        to_field_name="key",
        widget=forms.CheckboxSelectMultiple,
        help_text="Whose updates they are told of.",
    )

    def given(self) -> dict[str, Any]:
        """With the address as `contact_points` and the audiences' keys as `joins`."""
        data = self.cleaned_data
        points = [(data["contact_kind"] or ContactKind.EMAIL.value, data["address"])] if data["address"] else []
        return super().given() | {"contact_points": points, "joins": [audience.key for audience in data["audiences"]]}

    def refuse(self, error: InvalidInput) -> None:
        """The address stands in a field of its own here."""
        if texts := error.fields.pop("contact_points", None):
            error.fields["address"] = texts
        super().refuse(error)


class NewAddressForm(forms.Form):
    """One more address of an entry."""

    contact_kind = forms.ChoiceField(choices=CONTACT_CHOICES, label="Reached by")
    address = forms.CharField(max_length=1000, help_text=CONTACT_HELP)
    consent = forms.BooleanField(required=False, label="They agreed to be written to here")
    confirm = forms.BooleanField(required=False, label="Ask an e-mail address to confirm first")


class CodeForm(forms.Form):
    """The code from the telephone."""

    code = forms.CharField(
        max_length=12, label="Code", widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"})
    )
