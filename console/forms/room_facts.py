"""The facts that are set in the room alone: scope, tags, flags, regions, and the expected time."""

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms

from console.forms.incident import IncidentForm
from incidents.models import EtrAssessment, Incident
from incidents.rules.fields import FLAGS
from incidents.rules.words import Confidence, OutageScope

SCOPE_WORDS = {
    "": "As the components' states show it",
    OutageScope.NONE: "None: nothing is out",
    OutageScope.PARTIAL: "Partial: something is out",
    OutageScope.FULL: "Full: everything affected is out",
}
CONFIDENCE_WORDS = {Confidence.LOW: "Low: a guess", Confidence.MEDIUM: "Medium", Confidence.HIGH: "High: I would bet on it"}
LISTS = ("tags", "regulatory_flags", "jurisdictions")


class RoomFactForm(IncidentForm):
    """One fact, edited in its place. A scope of one's own and a flag taken off want a reason."""

    FACTS: ClassVar[tuple[str, ...]] = (
        *IncidentForm.FACTS,
        "outage_scope",
        "tags",
        "data_breach",
        "regulated_system",
        "regulatory_flags",
        "jurisdictions",
    )

    outage_scope = forms.ChoiceField(required=False, choices=list(SCOPE_WORDS.items()), label="How much is out")
    tags = forms.CharField(required=False, help_text="Lower-case words of your own, with spaces between them.")
    data_breach = forms.BooleanField(
        required=False, label="Data may have been seen or taken", help_text="Legal then reviews what goes out."
    )
    regulated_system = forms.BooleanField(
        required=False, label="A regulated system is affected", help_text="Legal then reviews what goes out."
    )
    regulatory_flags = forms.CharField(required=False, label="Regulatory flags", help_text="Lower-case words, with spaces between them.")
    jurisdictions = forms.CharField(required=False, help_text="ISO 3166 codes with spaces between them, for instance DE US-CA.")
    reason = forms.CharField(required=False, max_length=300, label="Why", help_text="")

    def __init__(self, *args: Any, only: str, **kwargs: Any) -> None:
        super().__init__(*args, only=only, **kwargs)
        if only in FLAGS:
            self.fields["reason"] = self.base_fields["reason"]
            self.fields["reason"].help_text = "Needed to take a flag off, which is for lawyers."
        if only == "outage_scope":
            self.fields["reason"] = self.base_fields["reason"]
            self.fields["reason"].help_text = "Needed where you judge it yourself."

    def change(self) -> dict[str, Any]:
        """What `change_incident` is given."""
        value = self.cleaned_data[self.fact]
        if self.fact in LISTS:
            words = value.replace(",", " ").split()
            value = [word.upper() for word in words] if self.fact == "jurisdictions" else [word.lower() for word in words]
        if self.fact == "outage_scope":
            value = value or None
        return {self.fact: value} | ({"reason": self.cleaned_data["reason"]} if "reason" in self.fields else {})

    @staticmethod
    def room_initial_of(incident: Incident) -> dict[str, Any]:
        """The facts as they stand."""
        return IncidentForm.initial_of(incident) | {
            "outage_scope": incident.outage_scope if incident.outage_scope_set_by_id else "",
            "data_breach": incident.data_breach,
            "regulated_system": incident.regulated_system,
            **{name: " ".join(getattr(incident, name)) for name in LISTS},
        }


class EtrForm(forms.Form):
    """When somebody expects it to be over. No time takes the last expectation back."""

    fact = "etr"

    expected_at = forms.CharField(required=False, label="Over by", help_text="")
    confidence = forms.ChoiceField(choices=list(CONFIDENCE_WORDS.items()), initial=Confidence.MEDIUM, label="How sure")
    note = forms.CharField(required=False, max_length=300, label="What it rests on")

    def __init__(self, data: Any, *, zone: ZoneInfo, etr: EtrAssessment | None) -> None:
        at = etr.expected_at.astimezone(zone) if etr and etr.expected_at else None
        initial = {"expected_at": f"{at:%Y-%m-%dT%H:%M}" if at else "", "confidence": etr.confidence if etr else Confidence.MEDIUM}
        super().__init__(data, initial=initial | {"note": etr.note if etr else ""})
        self.fields["expected_at"].widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        self.fields["expected_at"].help_text = f"Your zone, {zone.key}. Empty: nobody knows."
