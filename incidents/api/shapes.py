"""What is answered."""

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.clock import utc_now
from incidents.models import (
    EtrAssessment,
    Incident,
    Milestone,
    PolicyDecision,
    PromiseStep,
    Snooze,
    TimelineEntry,
    Update,
    UpdatePromise,
    UpdateRevision,
)
from templates.rules.gaps import unfilled


class ComponentShape(serializers.Serializer[Any]):
    """A component that the incident affects."""

    id = serializers.CharField(source="public_id")
    key = serializers.CharField()
    name = serializers.CharField()
    status = serializers.CharField()


class DecisionShape(serializers.ModelSerializer[PolicyDecision]):
    """What the policy decided, by which rule, over which facts."""

    class Meta:
        model = PolicyDecision
        fields = [
            "outcome", "rule_key", "rule_words", "facts", "cadence", "reviews", "audiences", "consequences", "cause", "policy_version",
            "at",
        ]  # fmt: skip


class PromiseShape(serializers.ModelSerializer[UpdatePromise]):
    """The promise of a next update that falls due first. `untold` are the audiences that wait for it; none: any release answers it.

    `overdue` is past its time, also where nobody who waits may be told of the incident now.
    """

    overdue = serializers.SerializerMethodField()

    class Meta:
        model = UpdatePromise
        fields = [
            "made_at", "due_at", "audiences", "untold", "policy_minutes", "chosen_minutes", "chosen_reason", "overdue", "overdue_told_at",
            "told_late",
        ]  # fmt: skip

    def get_overdue(self, promise: UpdatePromise) -> bool:
        return promise.due_at <= utc_now()


class StepShape(serializers.ModelSerializer[PromiseStep]):
    """One step of a promise's clock."""

    class Meta:
        model = PromiseStep
        fields = ["step", "due_at", "fired_at", "told_late", "skipped"]


class PromiseRowShape(serializers.ModelSerializer[UpdatePromise]):
    """A promise with what became of it; figures are made of these."""

    made_by = serializers.CharField(source="made_by.public_id", default=None, allow_null=True, help_text="The update that made it.")
    kept_by = serializers.CharField(source="kept_by.public_id", default=None, allow_null=True, help_text="The update that answered it.")
    steps = StepShape(many=True)

    class Meta:
        model = UpdatePromise
        fields = [
            "id", "made_at", "made_by", "due_at", "audiences", "untold", "policy_minutes", "chosen_minutes", "chosen_reason",
            "policy_version", "outcome", "closed_at", "kept_by", "late_by_seconds", "overdue_told_at", "told_late", "steps",
        ]  # fmt: skip


class SnoozeShape(serializers.ModelSerializer[Snooze]):
    """Reminders held back."""

    by = serializers.CharField(source="by.username")

    class Meta:
        model = Snooze
        fields = ["id", "by", "until", "reason", "at"]


class MilestoneShape(serializers.ModelSerializer[Milestone]):
    """A turn in the work; `draft` is the update it started."""

    by = serializers.CharField(source="by_ref", help_text="Audit reference of who or what told it.")
    draft = serializers.CharField(source="draft.public_id", default=None, allow_null=True)

    class Meta:
        model = Milestone
        fields = ["id", "kind", "at", "source", "note", "by", "recorded_at", "draft"]


class EtrShape(serializers.ModelSerializer[EtrAssessment]):
    """What an engineer expects."""

    engineer = serializers.CharField(source="engineer.username")

    class Meta:
        model = EtrAssessment
        fields = ["id", "expected_at", "confidence", "engineer", "note", "assessed_at", "expires_at"]


class IncidentShape(serializers.ModelSerializer[Incident]):
    """An incident. `title` and `severity` are internal."""

    id = serializers.CharField(source="public_id")
    components = ComponentShape(many=True)
    commander = serializers.SlugRelatedField[Any](slug_field="username", read_only=True, allow_null=True)
    outage_scope_set_by = serializers.SlugRelatedField[Any](slug_field="username", read_only=True, allow_null=True)
    decision = serializers.SerializerMethodField()
    next_update = serializers.SerializerMethodField()

    class Meta:
        model = Incident
        fields = [
            "id", "title", "severity", "impact", "stage", "status", "category", "customer_facing", "restricted", "components",
            "tags", "outage_scope", "outage_scope_set_by", "outage_scope_reason", "data_breach", "regulated_system",
            "regulatory_flags", "jurisdictions", "commander", "opened_at", "resolved_at", "version", "decision", "next_update",
        ]  # fmt: skip

    @extend_schema_field(DecisionShape(allow_null=True))
    def get_decision(self, incident: Incident) -> Any:
        decisions = sorted(incident.decisions.all(), key=lambda decision: decision.pk)
        return DecisionShape(decisions[-1]).data if decisions else None

    @extend_schema_field(PromiseShape(allow_null=True))
    def get_next_update(self, incident: Incident) -> Any:
        running = [promise for promise in incident.promises.all() if promise.closed_at is None]
        return PromiseShape(min(running, key=lambda promise: (promise.due_at, promise.pk))).data if running else None


class TimelineShape(serializers.ModelSerializer[TimelineEntry]):
    """One line of the timeline."""

    class Meta:
        model = TimelineEntry
        fields = ["id", "at", "kind", "text", "actor", "detail"]


class VariantShape(serializers.Serializer[Any]):
    """The wording of one audience in one language."""

    audience = serializers.CharField()
    language = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField()


class ComponentStateShape(serializers.Serializer[Any]):
    """A component as the update shows it."""

    id = serializers.CharField()
    status = serializers.CharField()


class ScheduleShape(serializers.Serializer[Any]):
    """When the update is to go once approved."""

    mode = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class UpdateShape(serializers.Serializer[Any]):
    """An update with its newest revision, to which `revision` and `content_hash` belong."""

    id = serializers.CharField()
    incident = serializers.CharField()
    kind = serializers.CharField()
    corrects = serializers.CharField(allow_null=True, help_text="The update that a correction or retraction is about.")
    state = serializers.CharField()
    revision = serializers.IntegerField()
    content_hash = serializers.CharField()
    status = serializers.CharField()
    impact = serializers.CharField()
    audiences = serializers.ListField(child=serializers.CharField())
    variants = VariantShape(many=True)
    unfilled = serializers.ListField(child=serializers.CharField(), help_text="Still to fill in, as it stands in the marks.")
    components = ComponentStateShape(many=True)
    schedule = ScheduleShape()
    channels = serializers.ListField(child=serializers.CharField())
    next_update_minutes = serializers.IntegerField(allow_null=True)
    next_update_reason = serializers.CharField(allow_null=True)
    author = serializers.CharField(allow_null=True, help_text="Who wrote this revision; null when a machine did.")
    created_at = serializers.DateTimeField()
    released_at = serializers.DateTimeField(allow_null=True)


def update_json(update: Update, revision: UpdateRevision | None = None) -> dict[str, Any]:
    """The representation of an update at a revision, by default its newest."""
    shown = revision or update.current
    if shown is None:
        raise RuntimeError(f"Update {update.pk} has no revision.")
    content = shown.content
    schedule = content["reach"]["schedule"]
    variants = [
        {"audience": audience, "language": language, **wording}
        for audience, by_language in sorted(content["wording"].items())
        for language, wording in sorted(by_language.items())
    ]
    gaps = [name for variant in variants for name in unfilled(f"{variant['title']}\n{variant['body']}")]
    answer: dict[str, Any] = UpdateShape(
        {
            "id": update.public_id,
            "incident": update.incident.public_id,
            "kind": update.kind,
            "corrects": update.corrects.public_id if update.corrects else None,
            "state": update.state,
            "revision": shown.number,
            "content_hash": shown.content_hash,
            "status": content["facts"]["status"],
            "impact": content["facts"]["impact"],
            "audiences": content["reach"]["audiences"],
            "variants": variants,
            "unfilled": list(dict.fromkeys(gaps)),
            "components": content["facts"]["components"],
            "channels": content["reach"]["channels"],
            "schedule": {"mode": schedule["mode"], "at": datetime.fromisoformat(schedule["at"]) if schedule["at"] else None},
            "next_update_minutes": content["promise"]["next_update_minutes"],
            "next_update_reason": content["promise"].get("reason"),
            "author": shown.author.username if shown.author else None,
            "created_at": update.created_at,
            "released_at": update.released_at,
        }
    ).data
    return answer
