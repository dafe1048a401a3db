"""The reviews that an update waits for: the people of each, and its clock."""

from typing import Any

from django.db.models import prefetch_related_objects
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import actor_of
from accounts.rules.availability import OTHERS
from approvals.api.fields import KINDS
from approvals.models import ReviewRound, SlotCall, SlotStep
from approvals.queries.rounds import last_round
from approvals.queries.statements import last_statement_round
from approvals.queries.waiting import SlotState, slot_states
from approvals.rules.words import RoundState, Step, Verdict
from core.clock import utc_now
from incidents.queries import visible_update
from templates.queries import visible_statement

STEPS = [step.value for step in Step]


class SlotPersonShape(serializers.Serializer[Any]):
    """Somebody who holds the role. `tier` 0 is on duty, 1 stands in, 2 the others; `reasons` are what keeps them from acting."""

    user = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user.get_full_name")
    tier = serializers.IntegerField(min_value=0, max_value=OTHERS)
    asked = serializers.BooleanField(source="called")
    can_act = serializers.SerializerMethodField()
    reasons = serializers.ListField(child=serializers.CharField())

    def get_can_act(self, person: Any) -> bool:
        return not person.reasons


class SlotCallShape(serializers.ModelSerializer[SlotCall]):
    """Who was asked when. `step` is empty for those asked when the round opened."""

    user = serializers.CharField(source="user.username")
    step = serializers.ChoiceField(choices=STEPS, allow_blank=True)

    class Meta:
        model = SlotCall
        fields = ["user", "tier", "step", "called_at"]


class SlotStepShape(serializers.ModelSerializer[SlotStep]):
    """A step of the clock. `skipped`: the review was given first, or a later step overtook it; `told_late`: noticed late."""

    step = serializers.ChoiceField(choices=STEPS)

    class Meta:
        model = SlotStep
        fields = ["step", "due_at", "fired_at", "told_late", "skipped"]


class SlotStateShape(serializers.Serializer[Any]):
    """One review of the round. `people` are empty once it was given; those asked who can act come first."""

    kind = serializers.ChoiceField(source="slot.kind", choices=KINDS)
    due_at = serializers.DateTimeField(source="slot.due_at")
    per_cent_left = serializers.IntegerField(source="left", min_value=0, max_value=100, help_text="Of the window.")
    late = serializers.BooleanField()
    verdict = serializers.SerializerMethodField(help_text="`null` while nobody has decided.")
    reviewer = serializers.SerializerMethodField()
    carried = serializers.SerializerMethodField(help_text="Whether the verdict was given on an earlier revision.")
    claimed_by = serializers.CharField(source="claim.user.username", default=None, allow_null=True)
    people = serializers.SerializerMethodField()
    called = SlotCallShape(source="slot.calls", many=True)
    steps = SlotStepShape(source="slot.steps", many=True)

    @extend_schema_field(serializers.ChoiceField(choices=[verdict.value for verdict in Verdict], allow_null=True))
    def get_verdict(self, state: SlotState) -> str | None:
        review = _review(state)
        return review.verdict if review else None

    def get_reviewer(self, state: SlotState) -> str | None:
        review = _review(state)
        return review.reviewer.username if review else None

    def get_carried(self, state: SlotState) -> bool:
        return state.carried is not None

    @extend_schema_field(SlotPersonShape(many=True))
    def get_people(self, state: SlotState) -> Any:
        return SlotPersonShape([*state.waiting, *state.next_up, *state.skipped], many=True).data


class SlotsShape(serializers.Serializer[Any]):
    """The newest round of the update; `null` and no slots where review was never asked for."""

    revision = serializers.IntegerField(allow_null=True)
    round_state = serializers.ChoiceField(choices=[state.value for state in RoundState], allow_null=True)
    opened_at = serializers.DateTimeField(allow_null=True)
    slots = SlotStateShape(many=True)


class StatementSlotsShape(serializers.Serializer[Any]):
    """The newest round of the statement; `null` and no slots where review was never asked for. Nobody claims a statement."""

    version = serializers.IntegerField(allow_null=True)
    round_state = serializers.ChoiceField(choices=[state.value for state in RoundState], allow_null=True)
    opened_at = serializers.DateTimeField(allow_null=True)
    slots = SlotStateShape(many=True)


class SlotsView(APIView):
    """The reviews of an update's newest round."""

    @extend_schema(responses=SlotsShape)
    def get(self, request: Request, public_id: str) -> Response:
        """Who is asked, who would be called in next, who cannot act and why, and when each step of the clock is due."""
        update = visible_update(actor_of(request), public_id)
        found = last_round(update)
        if found is None:
            return Response(SlotsShape({"revision": None, "round_state": None, "opened_at": None, "slots": []}).data)
        return Response(SlotsShape({"revision": found.revision.number, **_round(found)}).data)


class StatementSlotsView(APIView):
    """The reviews of the newest round of a holding statement."""

    @extend_schema(responses=StatementSlotsShape)
    def get(self, request: Request, public_id: str) -> Response:
        """Who is asked, who would be called in next, who cannot act and why, and when each step of the clock is due."""
        found = last_statement_round(visible_statement(actor_of(request), public_id))
        if found is None or found.holding_version is None:
            return Response(StatementSlotsShape({"version": None, "round_state": None, "opened_at": None, "slots": []}).data)
        return Response(StatementSlotsShape({"version": found.holding_version.number, **_round(found)}).data)


def _round(found: ReviewRound) -> dict[str, Any]:
    states = slot_states(found, at=utc_now())
    prefetch_related_objects([state.slot for state in states], "steps", "calls__user")
    return {"round_state": found.state, "opened_at": found.opened_at, "slots": states}


def _review(state: SlotState) -> Any:
    return state.review or (state.carried.review if state.carried else None)
