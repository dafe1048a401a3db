"""Escalation trees: list, one, its week; a signed-in person writes them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.models import Team
from accounts.requests import actor_of
from accounts.rules.duties import Duty
from core.api.bodies import created, given_in
from core.api.pagination import CursorPagination
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from core.errors import InvalidInput
from stakeholders.models import EscalationTree
from stakeholders.queries.escalation import visible_tree, visible_trees
from stakeholders.queries.escalation_world import trees_by_key, world_of
from stakeholders.rules.escalation_check import check
from stakeholders.rules.escalation_findings import Finding, Kind, Level
from stakeholders.rules.escalation_told import Stretch, timeline
from stakeholders.rules.escalation_week import week_of
from stakeholders.rules.escalation_words import Ring
from stakeholders.services.escalation_trees import StepInput, TargetInput, TreeInput, change_tree, create_tree


class TargetBody(StrictSerializer):
    """Exactly one of `stakeholder` (id), `duty` with `ring`, `tree` (key)."""

    stakeholder = serializers.CharField(required=False, allow_blank=True, default="", max_length=12)
    duty = serializers.ChoiceField(required=False, allow_blank=True, default="", choices=[duty.value for duty in Duty])
    ring = serializers.ChoiceField(required=False, allow_blank=True, default="", choices=[ring.value for ring in Ring])
    tree = serializers.CharField(required=False, allow_blank=True, default="", max_length=64)


class StepBody(StrictSerializer):
    """Who is told together; the next step is told `wait_minutes` later unless somebody answers."""

    wait_minutes = serializers.IntegerField(min_value=1, max_value=1440)
    targets = TargetBody(many=True)


class TreeBody(StrictSerializer):
    """The tree as a whole."""

    name = serializers.CharField(max_length=120)
    description = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)
    owner = serializers.CharField(required=False, allow_null=True, default=None, max_length=64, help_text="A team's key.")
    wakes = serializers.BooleanField(required=False, default=True, help_text="People are called in their quiet hours too.")
    covered_days = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6), required=False, default=list(range(7)), help_text="Monday is 0."
    )
    covered_from = serializers.TimeField(required=False, allow_null=True, default=None)
    covered_until = serializers.TimeField(required=False, allow_null=True, default=None)
    time_zone = serializers.CharField(required=False, default="UTC", max_length=64)
    gives_up_after = serializers.IntegerField(required=False, default=240, min_value=1, max_value=10080, help_text="Minutes.")
    drill_every_days = serializers.IntegerField(required=False, allow_null=True, default=90, min_value=1, max_value=730)
    steps = StepBody(many=True)


class NewTreeBody(TreeBody):
    """A new tree."""

    key = serializers.SlugField(max_length=64)


class ChangedTreeBody(TreeBody):
    """A tree in place of edition `edition`."""

    edition = serializers.IntegerField(min_value=1)


class TargetShape(serializers.Serializer[Any]):
    """One whom a step tells."""

    stakeholder = serializers.CharField(source="stakeholder.public_id", default=None, allow_null=True)
    duty = serializers.CharField()
    ring = serializers.CharField()
    tree = serializers.CharField(source="tree.key", default=None, allow_null=True)


class TreeStepShape(serializers.Serializer[Any]):
    """A step."""

    wait_minutes = serializers.IntegerField()
    targets = TargetShape(many=True, source="targets.all")


class TreeShape(serializers.ModelSerializer[EscalationTree]):
    """A tree with its steps in order. `edition` counts its changes."""

    owner = serializers.CharField(source="owner.key", default=None, allow_null=True)
    steps = TreeStepShape(many=True, source="steps.all")

    class Meta:
        model = EscalationTree
        fields = [
            "key",
            "name",
            "description",
            "owner",
            "wakes",
            "covered_days",
            "covered_from",
            "covered_until",
            "time_zone",
            "gives_up_after",
            "drill_every_days",
            "edition",
            "retired_at",
            "steps",
            "created_at",
        ]


class SpanShape(serializers.Serializer[Any]):
    """From, until just before."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class FindingShape(serializers.Serializer[Any]):
    """What is wrong, where (`step` 0: the tree as a whole), and what to do."""

    kind = serializers.ChoiceField(choices=[kind.value for kind in Kind])
    level = serializers.ChoiceField(choices=[level.value for level in Level])
    tree = serializers.CharField()
    step = serializers.IntegerField(source="position")
    message = serializers.CharField()
    cure = serializers.CharField()
    spans = SpanShape(many=True)
    why = serializers.ListField(child=serializers.CharField())


class ToldShape(serializers.Serializer[Any]):
    """Who is told after so many minutes."""

    after_minutes = serializers.IntegerField()
    names = serializers.ListField(child=serializers.CharField())


class TreeStretchShape(serializers.Serializer[Any]):
    """Runs that begin in this stretch tell the same."""

    start = serializers.DateTimeField(source="span.start")
    end = serializers.DateTimeField(source="span.end")
    steps = serializers.SerializerMethodField()
    passed_over = serializers.SerializerMethodField()

    @extend_schema_field(ToldShape(many=True))
    def get_steps(self, stretch: Stretch) -> list[dict[str, Any]]:
        return [{"after_minutes": minutes, "names": list(names)} for minutes, names in stretch.steps]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_passed_over(self, stretch: Stretch) -> list[str]:
        return [f"{name}: {why}" for name, why in stretch.passed_over]


class WeekShape(serializers.Serializer[Any]):
    """A calendar week of the tree in its zone."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    findings = FindingShape(many=True)
    stretches = TreeStretchShape(many=True)


class TreeFilter(django_filters.FilterSet):
    """Which trees to list."""

    retired = django_filters.BooleanFilter(field_name="retired_at", lookup_expr="isnull", exclude=True)


class ByKey(CursorPagination):
    """By key, which is unique and never changes."""

    ordering = "key"


class TreeListView(IdempotentPostMixin, generics.ListAPIView[EscalationTree]):
    """Escalation trees by key."""

    queryset = EscalationTree.objects.all()
    serializer_class = TreeShape
    filterset_class = TreeFilter
    pagination_class = ByKey

    def get_queryset(self) -> QuerySet[EscalationTree]:
        return visible_trees(actor_of(self.request))

    @extend_schema(request=NewTreeBody, responses={201: TreeShape})
    def post(self, request: Request) -> Response:
        """Makes a tree. Not by token."""
        actor = actor_of(request)
        actor.require_person()
        given = given_in(request, NewTreeBody)
        key = given.pop("key")
        create_tree(actor=actor, now=utc_now(), key=key, given=_tree(given))
        return created(TreeShape(visible_tree(actor, key)).data, f"/api/v1/escalation-trees/{key}/")


class TreeView(APIView):
    """One tree."""

    @extend_schema(responses=TreeShape)
    def get(self, request: Request, key: str) -> Response:
        """The tree with its steps."""
        return Response(TreeShape(visible_tree(actor_of(request), key)).data)

    @extend_schema(request=ChangedTreeBody, responses=TreeShape)
    def put(self, request: Request, key: str) -> Response:
        """Replaces the tree as a whole; 412 where somebody changed it meanwhile. Not by token."""
        actor = actor_of(request)
        tree = visible_tree(actor, key)
        actor.require_person()
        given = given_in(request, ChangedTreeBody)
        edition = given.pop("edition")
        change_tree(actor=actor, now=utc_now(), tree=tree, edition=edition, given=_tree(given))
        return Response(TreeShape(visible_tree(actor, key)).data)


class TreeWeekView(APIView):
    """Who would be told when, and what is wrong, in a calendar week."""

    @extend_schema(
        parameters=[OpenApiParameter("at", datetime, description="An instant of the week; by itself: now.")], responses=WeekShape
    )
    def get(self, request: Request, key: str) -> Response:
        """The calendar week, in the tree's zone, that holds the instant."""
        tree = visible_tree(actor_of(request), key)
        start, end = week_of(_instant(request.query_params.get("at", "")), ZoneInfo(tree.time_zone))
        world = world_of(trees_by_key(), [key], start, end)
        found: list[Finding] = check(world, key, start, end)
        body = {"start": start, "end": end, "findings": found, "stretches": timeline(world, key, start, end)}
        return Response(WeekShape(body).data)


def _instant(text: str) -> datetime:
    now = utc_now()
    if not text:
        return now
    try:
        at: datetime = serializers.DateTimeField().to_internal_value(text)
        near = abs((at - now).days) <= 3650
    except (serializers.ValidationError, OverflowError):
        near = False
    if not near:
        message = "Give an instant within ten years of now, ISO 8601, for instance 2026-03-02T14:00:00Z."
        raise InvalidInput(message, fields={"at": [message]})
    return at


def _tree(given: dict[str, Any]) -> TreeInput:
    owner_key = given.pop("owner")
    owner = Team.objects.filter(key=owner_key).first() if owner_key else None
    if owner_key and owner is None:
        message = f"There is no team with the key “{owner_key}”."
        raise InvalidInput("Correct the fields named and send again.", fields={"owner": [message]})
    steps = tuple(
        StepInput(step["wait_minutes"], tuple(TargetInput(**target) for target in step["targets"])) for step in given.pop("steps")
    )
    return TreeInput(steps=steps, owner=owner, covered_days=tuple(given.pop("covered_days")), **given)
