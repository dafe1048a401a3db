"""What is typed when somebody disputes, rules, overrides, ratifies, holds."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms

from incidents.rules.content import Content


def _text(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class DisputeForm(forms.Form):
    """The passage, quoted, and why it is disputed. A place is `audience|language|field`; `names` are those of audiences by key."""

    use_required_attribute = False

    kind = forms.ChoiceField(label="As which reviewer")
    place = forms.ChoiceField(label="Where it stands")
    quote = forms.CharField(
        label="The passage",
        widget=_text(2),
        help_text="Copy the words as they stand there; they have to stand there only once.",
        error_messages={"required": "Quote the words that you dispute."},
    )
    reason = forms.CharField(
        label="What is wrong with it",
        widget=_text(),
        error_messages={"required": "Say what is wrong with these words, so that the arbiter can rule."},
        help_text="The arbiter rules on this. Say what is known, and what would be right.",
    )

    def __init__(
        self,
        typed: Mapping[str, Any] | None = None,
        *,
        content: Content,
        kinds: Iterable[tuple[str, str]],
        names: Mapping[str, str],
        **given: Any,
    ) -> None:
        super().__init__(typed, **given)
        self.fields["kind"].choices = choices = list(kinds)  # type: ignore[attr-defined]  # a choice field
        if len(choices) == 1:
            self.fields["kind"].widget = forms.HiddenInput()
            self.initial["kind"] = choices[0][0]
        self.fields["place"].choices = list(_places(content, names))  # type: ignore[attr-defined]  # a choice field

    @staticmethod
    def field_for(name: str) -> str:
        """The form's field for a field that the service names."""
        return "place" if name in {"audience", "language", "field"} else name


def _places(content: Content, names: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    for audience, by_language in sorted(content.wording.items()):
        for language in sorted(by_language):
            for part in ("body", "title"):
                spoken = f" ({language})" if len(by_language) > 1 or language != "en" else ""
                yield f"{audience}|{language}|{part}", f"{names.get(audience, audience)}{spoken}, {part}"


class RulingForm(forms.Form):
    """The ruling, its reason, and the words where it rewords."""

    use_required_attribute = False

    ruling = forms.ChoiceField(
        label="Your ruling",
        widget=forms.RadioSelect,
        error_messages={"required": "Uphold the text, strike the passage, or reword it."},
        choices=[
            ("uphold", "Uphold the text: it stays as it is"),
            ("strike", "Strike the passage: approvals given are kept"),
            ("reword", "Reword it: everyone reviews again"),
        ],
    )
    words = forms.CharField(label="New words, if you reword it", widget=_text(2), required=False)
    reason = forms.CharField(
        label="Why you rule so",
        widget=_text(),
        error_messages={"required": "Say why you rule so: it stays with the update."},
        help_text="It stays with the update, for good.",
    )


class ReasonForm(forms.Form):
    """A reason, and nothing else. `needed` is the sentence for one that is missing; empty where none is needed."""

    use_required_attribute = False
    reason = forms.CharField(label="Reason", widget=_text())

    def __init__(self, typed: Mapping[str, Any] | None = None, *, label: str, help_text: str = "", needed: str = "", **given: Any) -> None:
        super().__init__(typed, **given)
        field = self.fields["reason"]
        field.label, field.help_text, field.required = label, help_text, bool(needed)
        field.error_messages["required"] = needed
