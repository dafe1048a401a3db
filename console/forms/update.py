"""The editor's form: the parts of an update's content, each as a field, and back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from catalogue.models import Component
from catalogue.rules.status import ComponentStatus
from console.forms.incident import IMPACT_WORDS
from console.forms.typed import local_instant
from console.languages import language_in
from core.errors import InvalidInput
from incidents.rules.content import ComponentState, Content, ScheduleMode, Wording
from incidents.rules.content_check import LONGEST_BODY, LONGEST_PROMISE_MINUTES, LONGEST_REASON, LONGEST_TITLE
from incidents.rules.words import DEFINITIONS
from stakeholders.models import Audience
from stakeholders.rules.channel_words import CHANNEL_NAMES

MODES = {
    ScheduleMode.BY_HAND: "By hand, once it is approved",
    ScheduleMode.AS_SOON_AS_APPROVED: "As soon as it is approved",
    ScheduleMode.AT_TIME: "At a time, if approved by then",
}


class UpdateForm(forms.Form):
    """Fields `send-`, `title-`, `body-` per audience key and `component-` per public id stand beside the fixed ones."""

    base_revision = forms.IntegerField(widget=forms.HiddenInput)
    unlocked = forms.BooleanField(required=False, widget=forms.HiddenInput)
    status = forms.ChoiceField(
        choices=[(word.value, f"{word.value.capitalize()}: {words}") for word, words in DEFINITIONS.items()],
        widget=forms.RadioSelect,
        label="Status",
    )
    impact = forms.ChoiceField(choices=list(IMPACT_WORDS.items()), label="Impact on customers")
    next_update_minutes = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LONGEST_PROMISE_MINUTES,
        label="Next update within (minutes)",
        help_text="Counted from the release. Empty promises nothing.",
    )
    promise_reason = forms.CharField(
        required=False, max_length=LONGEST_REASON, label="Why that long or short", help_text="Needed beyond what the policy leaves to you."
    )
    schedule_mode = forms.ChoiceField(choices=list(MODES.items()), label="Goes out")
    schedule_at = forms.CharField(required=False, label="At")
    channels = forms.MultipleChoiceField(
        required=False,
        choices=list(CHANNEL_NAMES.items()),
        widget=forms.CheckboxSelectMultiple,
        label="Channels that may be used",
        help_text="Each audience is told by those of them that the routing names for it.",
    )

    def __init__(
        self, data: Mapping[str, Any] | None, *, content: Content, zone: ZoneInfo, base_revision: int, unlocked: bool, locked: bool = False
    ) -> None:
        self.stored, self.zone = content, zone
        self._read: Content | None = None
        self.audiences = list(Audience.objects.order_by("position", "name"))
        super().__init__(data, initial=self._initial(base_revision, unlocked=unlocked))
        self.fields["schedule_at"].widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        self.fields["schedule_at"].help_text = f"Your zone, {zone.key}. Later than that by 15 minutes it waits for a person."
        for audience in self.audiences:
            self._add_audience(audience)
        self.components = list(Component.objects.filter(public_id__in=[state.id for state in content.components]))
        for component in self.components:
            self.fields[f"component-{component.public_id}"] = forms.ChoiceField(
                choices=[(word.value, word.value.replace("_", " ").capitalize()) for word in ComponentStatus], label=component.name
            )
        if locked:
            for field in self.fields.values():
                field.disabled = True

    def _add_audience(self, audience: Audience) -> None:
        key = audience.key
        self.fields[f"send-{key}"] = forms.BooleanField(required=False, label=f"Send to {audience.name}")
        self.fields[f"title-{key}"] = forms.CharField(
            required=False,
            max_length=LONGEST_TITLE,
            label="Title",
            help_text="Subject of the e-mail and headline of the page." if audience.is_public else "Subject of the e-mail.",
        )
        self.fields[f"body-{key}"] = forms.CharField(
            required=False,
            max_length=LONGEST_BODY,
            strip=False,
            label="Text",
            widget=forms.Textarea(attrs={"rows": 9, "spellcheck": "true"}),
            help_text="Markdown: **strong**, lists, links.",
        )
        for name in (f"title-{key}", f"body-{key}"):
            # A browser cuts a paste at maxlength without a word: here all of it stays, and the script says that it is too long.
            attrs = self.fields[name].widget.attrs
            attrs["data-longest"] = attrs.pop("maxlength")

    def _initial(self, base_revision: int, *, unlocked: bool) -> dict[str, Any]:
        content = self.stored
        at = datetime.fromisoformat(content.schedule_at).astimezone(self.zone) if content.schedule_at else None
        found: dict[str, Any] = {
            "base_revision": base_revision,
            "unlocked": "1" if unlocked else "",
            "status": content.status,
            "impact": content.impact,
            "next_update_minutes": content.next_update_minutes,
            "promise_reason": content.promise_reason or "",
            "schedule_mode": content.schedule_mode,
            "schedule_at": f"{at:%Y-%m-%dT%H:%M}" if at else "",
            "channels": list(content.channels),
        }
        for audience in self.audiences:
            wording = wording_in(content, audience.key)
            found[f"send-{audience.key}"] = audience.key in content.audiences
            found[f"title-{audience.key}"] = wording.title if wording else ""
            found[f"body-{audience.key}"] = wording.body if wording else ""
        return found | {f"component-{state.id}": state.status for state in content.components}

    def clean_schedule_at(self) -> str | None:
        """The time as ISO 8601 in UTC. A local time that the clocks skip does not exist and is refused."""
        if self.data.get("schedule_mode") != ScheduleMode.AT_TIME:
            return None
        typed = self.cleaned_data["schedule_at"]
        try:
            instant = local_instant(typed, self.zone)
        except InvalidInput as error:
            raise forms.ValidationError(error.fields["at"]) from error
        return instant.isoformat()

    def content(self) -> Content:
        """What was typed, as content. Whatever the form does not show, or could not read, stays as it was stored.

        Read once: an error that is added later takes its field out of what a form calls clean.
        """
        self._read = self._read or self._content()
        return self._read

    def _content(self) -> Content:
        typed, stored = self.cleaned_data, self.stored
        chosen = [audience.key for audience in self.audiences if typed.get(f"send-{audience.key}")]
        return replace(
            stored,
            status=typed.get("status", stored.status),
            impact=typed.get("impact", stored.impact),
            next_update_minutes=typed.get("next_update_minutes", stored.next_update_minutes),
            promise_reason=typed.get("promise_reason", stored.promise_reason) or None,
            schedule_mode=typed.get("schedule_mode", stored.schedule_mode),
            schedule_at=typed.get("schedule_at", stored.schedule_at),
            channels=tuple(typed.get("channels", stored.channels)),
            audiences=tuple(chosen),
            wording={key: self._wording(key) for key in chosen},
            components=tuple(ComponentState(state.id, typed.get(f"component-{state.id}", state.status)) for state in stored.components),
        )

    def _wording(self, key: str) -> dict[str, Wording]:
        by_language = dict(self.stored.wording.get(key, {}))
        language = language_in(by_language)
        was = by_language.get(language, Wording("", ""))
        title = self.cleaned_data.get(f"title-{key}", was.title)
        body = self.cleaned_data.get(f"body-{key}", was.body).replace("\r\n", "\n")
        return by_language | {language: Wording(title, body)}

    def tabs(self) -> list[dict[str, Any]]:
        """The fields of each audience."""
        return [
            {
                "audience": audience,
                "id": f"for-{audience.key}",
                "send": self[f"send-{audience.key}"],
                "title": self[f"title-{audience.key}"],
                "body": self[f"body-{audience.key}"],
            }
            for audience in self.audiences
        ]

    def field_for(self, name: str) -> str:
        """The field that a service's `variants.customers.title` means."""
        parts = name.split(".")
        if len(parts) == 3 and parts[0] == "variants":
            return f"{parts[2]}-{parts[1]}"
        return {"schedule": "schedule_at" if self.data.get("schedule_mode") == ScheduleMode.AT_TIME else "schedule_mode"}.get(name, name)


def wording_in(content: Content, key: str) -> Wording | None:
    """What that audience reads, in the language the editor shows."""
    by_language = content.wording.get(key, {})
    return by_language.get(language_in(by_language))
