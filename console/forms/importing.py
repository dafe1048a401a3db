"""Sending a list in, and saying what its columns mean."""

from typing import Any

from django import forms

from console.register_words import CONTACT_WORDS, KIND_WORDS
from stakeholders.models import Audience, RegisterImport
from stakeholders.rules.tables import TARGETS

FIELD_WORDS = {
    "name": "Name",
    "external_id": "External id",
    "kind": "Kind",
    "organisation": "Organisation",
    "tier": "Tier",
    "contract": "Contract",
    "success_manager": "Customer success manager",
    "region": "Region",
    "tags": "Tags",
    "language": "Language",
    "time_zone": "Time zone",
    "quiet_from": "Quiet from",
    "quiet_until": "Quiet until",
    "depends_on": "Components they depend on",
    "audiences": "Audiences",
    "contact_points": "Addresses",
    **{kind.value: words for kind, words in CONTACT_WORDS.items()},
}


class UploadForm(forms.Form):
    """A file with headings in its first line."""

    file = forms.FileField(label="CSV file", help_text="Headings in the first line. At most 200,000 rows and 64 MB.")


# Chosen in place of a kind: nobody in the list is new, and whoever it is about stays what they are.
ALL_KNOWN = "known"
NO_KIND = "No column says what the rows are. Choose it here, or that all of them are in the register already."


class ColumnsForm(forms.Form):
    """For each column the field it is, and what holds for every row."""

    kind = forms.ChoiceField(
        choices=[
            ("", "Each row says it"),
            *((kind.value, words) for kind, words in KIND_WORDS.items()),
            (ALL_KNOWN, "None: all are in the register already"),
        ],
        required=False,
        label="Kind of rows that do not say it",
    )
    country = forms.CharField(
        max_length=2,
        required=False,
        label="Country of numbers without one",
        help_text="Two letters (ISO 3166), for instance DE: then 030 901820 is read as +49 30 901820.",
    )
    audiences = forms.ModelMultipleChoiceField(
        queryset=Audience.objects.all(),
        required=False,
        to_field_name="key",
        label="Put everyone into",
        help_text="Whoever is in no audience is sent nothing.",
        widget=forms.CheckboxSelectMultiple,
    )
    consent = forms.BooleanField(
        required=False, label="They agreed to be written to", help_text="Kept with each address that is new, with the time and “import”."
    )
    confirm = forms.BooleanField(
        required=False,
        label="Ask e-mail addresses that are new to confirm first",
        help_text="Until they do, nothing else is sent there.",
    )

    def __init__(self, *args: Any, taken: RegisterImport, **kwargs: Any) -> None:
        said = taken.options.get("kind") or (ALL_KNOWN if taken.options and "kind" not in taken.mapping.values() else "")
        kwargs.setdefault("initial", taken.options | {"kind": said})
        super().__init__(*args, **kwargs)
        self.taken = taken
        choices = [("", "Leave out"), *((target, FIELD_WORDS[target]) for target in TARGETS)]
        for number, heading in enumerate(taken.columns):
            self.fields[f"column-{number}"] = forms.ChoiceField(
                choices=choices, required=False, label=heading or f"Column {number + 1}", initial=taken.mapping.get(str(number), "")
            )

    def clean(self) -> dict[str, Any]:
        """Without a kind every new row would be at fault, which is said before they are compared."""
        cleaned = super().clean() or self.cleaned_data
        if "kind" in cleaned and not cleaned["kind"] and "kind" not in self.mapping().values():
            self.add_error("kind", NO_KIND)
        return cleaned

    def columns(self) -> list[forms.BoundField]:
        """The fields that stand for columns, in the file's order."""
        return [self[f"column-{number}"] for number in range(len(self.taken.columns))]

    def mapping(self) -> dict[str, str]:
        """The field for each column that is used."""
        chosen = {str(number): self.cleaned_data.get(f"column-{number}", "") for number in range(len(self.taken.columns))}
        return {number: target for number, target in chosen.items() if target}

    def options(self) -> dict[str, Any]:
        """What holds for every row."""
        data = self.cleaned_data
        return {
            "kind": "" if data["kind"] == ALL_KNOWN else data["kind"],
            "country": data["country"].upper(),
            "audiences": [audience.key for audience in data["audiences"]],
            "consent": data["consent"],
            "confirm": data["confirm"],
        }
