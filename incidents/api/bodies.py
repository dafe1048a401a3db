"""What may be sent."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from rest_framework import serializers

from accounts.models import User
from catalogue.rules.status import ComponentStatus
from core.api.serializers import StrictSerializer
from core.errors import InvalidInput
from incidents.rules.content import ComponentState, ScheduleMode
from incidents.rules.content_check import CHANNELS, LONGEST_PROMISE_MINUTES
from incidents.rules.content_edit import ContentEdit, Schedule, Variant
from incidents.rules.words import Category, Confidence, Impact, MilestoneKind, OutageScope, Severity, Stage, Status, UpdateKind
from incidents.services.snooze_promise import LONGEST_MINUTES as LONGEST_SNOOZE
from stakeholders.rules.languages import is_language


def choice(words: type[StrEnum], **options: Any) -> serializers.ChoiceField:
    """One of the standard words; anything else is answered with all of them."""
    values = [word.value for word in words]
    return serializers.ChoiceField(
        choices=values, error_messages={"invalid_choice": f"“{{input}}” is not known; use one of {', '.join(values)}."}, **options
    )


def words(**options: Any) -> serializers.ListField:
    """A list of short words."""
    return serializers.ListField(child=serializers.CharField(max_length=40), max_length=20, **options)


class IncidentBody(StrictSerializer):
    """A new incident. `components` are ids or keys; `commander` is a user name."""

    title = serializers.CharField(max_length=200)
    severity = choice(Severity)
    impact = choice(Impact)
    stage = choice(Stage)
    category = choice(Category, default=Category.APPLICATION.value)
    customer_facing = serializers.BooleanField(default=True)
    components = serializers.ListField(child=serializers.CharField(max_length=64), max_length=500, required=False)
    restricted = serializers.BooleanField(default=False)
    commander = serializers.SlugRelatedField(
        slug_field="username", queryset=User.objects.filter(is_active=True), required=False, allow_null=True
    )
    tags = words(help_text="Lower-case words of your own.", required=False)
    data_breach = serializers.BooleanField(default=False)
    regulated_system = serializers.BooleanField(default=False)
    regulatory_flags = words(help_text="Lower-case words of your own.", required=False)
    jurisdictions = words(help_text="ISO 3166 codes, for instance DE or US-CA.", required=False)


class IncidentChangeBody(StrictSerializer):
    """What of an incident is to change. Its status changes by releases alone."""

    title = serializers.CharField(max_length=200, required=False)
    severity = choice(Severity, required=False)
    impact = choice(Impact, required=False)
    stage = choice(Stage, required=False)
    category = choice(Category, required=False)
    customer_facing = serializers.BooleanField(required=False)
    components = serializers.ListField(child=serializers.CharField(max_length=64), max_length=500, required=False)
    restricted = serializers.BooleanField(required=False)
    commander = serializers.SlugRelatedField(
        slug_field="username", queryset=User.objects.filter(is_active=True), required=False, allow_null=True
    )
    tags = words(help_text="Lower-case words of your own.", required=False)
    outage_scope = choice(
        OutageScope, required=False, allow_null=True, help_text="Your own judgement, with a reason; null lets the components decide."
    )
    data_breach = serializers.BooleanField(required=False, help_text="Only lawyers take it off, with a reason.")
    regulated_system = serializers.BooleanField(required=False, help_text="Only lawyers take it off, with a reason.")
    regulatory_flags = words(help_text="Only lawyers take one off, with a reason.", required=False)
    jurisdictions = words(help_text="ISO 3166 codes, for instance DE or US-CA.", required=False)
    reason = serializers.CharField(max_length=300, required=False, help_text="Why; needed for the scope and for taking flags off.")


class TimelineBody(StrictSerializer):
    """A line for the timeline."""

    text = serializers.CharField(max_length=500)


class VariantBody(StrictSerializer):
    """The wording of one audience. It may be empty while it is a draft."""

    audience = serializers.CharField(max_length=64)
    title = serializers.CharField(allow_blank=True, trim_whitespace=False)
    body = serializers.CharField(allow_blank=True, trim_whitespace=False, help_text="Markdown.")
    language = serializers.CharField(max_length=12, default="en", help_text="Language tag (BCP 47), for instance en or pt-BR.")

    def validate_language(self, value: str) -> str:
        """Refuses what is no language tag."""
        if not is_language(value):
            raise serializers.ValidationError("Give a language tag, for instance en or pt-BR.")
        return value


class ComponentStateBody(StrictSerializer):
    """A component as the update shows it."""

    id = serializers.CharField(max_length=64)
    status = choice(ComponentStatus)


class ScheduleBody(StrictSerializer):
    """When an approved update is to go; `at` belongs to at_time."""

    mode = choice(ScheduleMode)
    at = serializers.DateTimeField(required=False, allow_null=True, help_text="RFC 3339; UTC when it names no zone.")


class UpdateChangeBody(StrictSerializer):
    """What of an update is to change; the rest stays. `variants` replace all wording and name the audiences."""

    status = choice(Status, required=False)
    impact = choice(Impact, required=False)
    variants = VariantBody(many=True, required=False)
    components = ComponentStateBody(many=True, required=False)
    channels = serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(CHANNELS)), required=False, help_text="By which it goes out; all unless said."
    )
    schedule = ScheduleBody(required=False)
    next_update_minutes = serializers.IntegerField(
        min_value=1, max_value=LONGEST_PROMISE_MINUTES, required=False, allow_null=True, help_text="Null promises no further update."
    )
    next_update_reason = serializers.CharField(
        max_length=300, required=False, allow_null=True, help_text="Why these minutes; needed beyond the policy's bounds."
    )

    def edit(self) -> ContentEdit:
        """The validated parts as an edit. Raises `InvalidInput` for two wordings of one audience in one language."""
        given: Mapping[str, Any] = self.validated_data
        parts: dict[str, Any] = {name: given[name] for name in ("status", "impact", "next_update_minutes") if name in given}
        if "next_update_reason" in given:
            parts["promise_reason"] = given["next_update_reason"]
        if "variants" in given:
            parts["variants"] = tuple(Variant(**variant) for variant in given["variants"])
            places = [(variant.audience, variant.language) for variant in parts["variants"]]
            if len(set(places)) < len(places):
                raise InvalidInput("Correct the fields named.", fields={"variants": ["Give each audience one wording per language."]})
        if "components" in given:
            parts["components"] = tuple(ComponentState(**component) for component in given["components"])
        if "channels" in given:
            parts["channels"] = tuple(sorted(set(given["channels"])))
        if "schedule" in given:
            parts["schedule"] = Schedule(given["schedule"]["mode"], given["schedule"].get("at"))
        return ContentEdit(**parts)


class UpdateBody(UpdateChangeBody):
    """A new update. Without variants the wording comes from the templates."""

    incident = serializers.CharField(max_length=64, help_text="The incident's id.")
    status = choice(Status)
    kind = choice(UpdateKind, default=UpdateKind.UPDATE.value, help_text="A drill is for practice and can never be released.")
    corrects = serializers.CharField(
        max_length=64, required=False, allow_null=True, help_text="The id of the released update that a correction or retraction is about."
    )


class EtrBody(StrictSerializer):
    """When you expect the incident to be over."""

    expected_at = serializers.DateTimeField(allow_null=True, help_text="RFC 3339. Null takes the last expectation back.")
    confidence = choice(Confidence, default=Confidence.MEDIUM.value)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Until when it counts; by default an hour after the time expected."
    )


class MilestoneBody(StrictSerializer):
    """A turn in the work."""

    kind = choice(MilestoneKind)
    at = serializers.DateTimeField(required=False, allow_null=True, help_text="When it happened, RFC 3339; by default now.")
    note = serializers.CharField(max_length=300, required=False, allow_blank=True)


class SnoozeBody(StrictSerializer):
    """How long to hold reminders back, and why."""

    minutes = serializers.IntegerField(min_value=1, max_value=LONGEST_SNOOZE)
    reason = serializers.CharField(max_length=300)
