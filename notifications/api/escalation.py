"""Runs of escalation trees and drills: here, because a run may be about an incident and a report counts deliveries."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from core.api.bodies import created, given_in
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from core.errors import InvalidInput
from incidents.models import Incident
from notifications.queries.drill_report import as_json
from notifications.queries.escalation import visible_run, visible_runs
from notifications.rules.coverage import Outcome
from stakeholders.models import Audience, Drill, EscalationRun
from stakeholders.queries.escalation import visible_drill, visible_drills, visible_tree
from stakeholders.services.acknowledge import acknowledge_run
from stakeholders.services.drills import plan_drill
from stakeholders.services.escalation_runs import start_run


class CallShape(serializers.Serializer[Any]):
    """Somebody whom a step called. `passed_over` says why nothing was sent; empty: they were told."""

    name = serializers.CharField()
    passed_over = serializers.CharField()
    called_at = serializers.DateTimeField()


class RunStepShape(serializers.Serializer[Any]):
    """A step on its way."""

    number = serializers.IntegerField()
    due_at = serializers.DateTimeField()
    fired_at = serializers.DateTimeField(allow_null=True)
    late = serializers.BooleanField(source="told_late")
    skipped = serializers.BooleanField()
    calls = CallShape(many=True, source="calls.all")


class AnswerShape(serializers.Serializer[Any]):
    """Somebody answered, by the link or on the page."""

    name = serializers.CharField()
    how = serializers.CharField()
    at = serializers.DateTimeField()


class RunShape(serializers.ModelSerializer[EscalationRun]):
    """One call for somebody. `about` is the incident's id, where it is about one; `ending` is empty while it goes on."""

    id = serializers.CharField(source="public_id")
    tree = serializers.CharField(source="tree.key")
    drill = serializers.CharField(source="drill.public_id", default=None, allow_null=True)
    about = serializers.SerializerMethodField()
    steps = RunStepShape(many=True, source="steps.all")
    answers = AnswerShape(many=True, source="acknowledgements.all")

    class Meta:
        model = EscalationRun
        fields = ["id", "tree", "drill", "about", "title", "body", "started_at", "gives_up_at", "ended_at", "ending", "steps", "answers"]

    def get_about(self, run: EscalationRun) -> str:
        return run.subject.partition(":")[2]


class RunBody(StrictSerializer):
    """Whom to call and for what."""

    tree = serializers.CharField(max_length=64, help_text="The tree's key.")
    title = serializers.CharField(max_length=150)
    body = serializers.CharField(required=False, allow_blank=True, default="", max_length=4000)
    incident = serializers.CharField(required=False, allow_blank=True, default="", max_length=12)


class RunFilter(django_filters.FilterSet):
    """Which runs to list."""

    tree = django_filters.CharFilter(field_name="tree__key")
    open = django_filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull")


class RunListView(IdempotentPostMixin, generics.ListAPIView[EscalationRun]):
    """Runs that the asker may see, newest first."""

    queryset = EscalationRun.objects.none()
    serializer_class = RunShape
    filterset_class = RunFilter
    permission_classes = [IsAuthenticated]

    def get_queryset(self) -> QuerySet[EscalationRun]:
        return visible_runs(actor_of(self.request)).prefetch_related("steps__calls", "acknowledgements")

    @extend_schema(request=RunBody, responses={201: RunShape})
    def post(self, request: Request) -> Response:
        """Calls people in: real messages go out at once. Not by token."""
        actor, given = actor_of(request), given_in(request, RunBody)
        actor.require_person()
        about = given["incident"]
        if about and not Incident.objects.visible_to(actor).filter(public_id=about).exists():
            message = "There is no such incident."
            raise InvalidInput(message, fields={"incident": [message]})
        run = start_run(
            actor=actor,
            now=utc_now(),
            tree=visible_tree(actor, given["tree"]),
            title=given["title"],
            body=given["body"],
            subject=f"incident:{about}" if about else "",
        )
        return created(RunShape(run).data, f"/api/v1/escalation-runs/{run.public_id}/")


class RunView(APIView):
    """One run."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses=RunShape)
    def get(self, request: Request, public_id: str) -> Response:
        """What was told when, and who answered."""
        return Response(RunShape(visible_run(actor_of(request), public_id)).data)


class RunAnswerView(IdempotentPostMixin, APIView):
    """Answering."""

    permission_classes = [IsAuthenticated]

    @extend_schema(request=None, responses={201: AnswerShape})
    def post(self, request: Request, public_id: str) -> Response:
        """The signed-in person has it; nobody more is called. Not by token."""
        actor = actor_of(request)
        run = visible_run(actor, public_id)
        return Response(AnswerShape(acknowledge_run(actor=actor, now=utc_now(), run=run)).data, status=201)


class DrillShape(serializers.ModelSerializer[Drill]):
    """A drill, without its report."""

    id = serializers.CharField(source="public_id")
    tree = serializers.CharField(source="tree.key", default=None, allow_null=True)
    audience = serializers.CharField(source="audience.key", default=None, allow_null=True)
    late = serializers.BooleanField(source="told_late")

    class Meta:
        model = Drill
        fields = [
            "id",
            "title",
            "tree",
            "audience",
            "critical",
            "planned_for",
            "started_at",
            "late",
            "closes_at",
            "closed_at",
            "cancelled_at",
            "cancel_reason",
        ]


class LineShape(serializers.Serializer[Any]):
    """One person's line; times are ISO 8601 or empty."""

    name = serializers.CharField()
    outcome = serializers.ChoiceField(choices=[outcome.value for outcome in Outcome])
    why = serializers.CharField()
    channels = serializers.CharField()
    step = serializers.CharField()
    told_at = serializers.CharField()
    answered_at = serializers.CharField()
    seconds_to_answer = serializers.CharField()
    answered_by = serializers.CharField()


class ReportShape(serializers.Serializer[Any]):
    """The coverage: sums by outcome, how long the answers took, everybody."""

    id = serializers.CharField()
    title = serializers.CharField()
    tree = serializers.CharField(allow_null=True)
    audience = serializers.CharField(allow_null=True)
    started_at = serializers.CharField(allow_null=True)
    late = serializers.BooleanField()
    closed_at = serializers.CharField(allow_null=True)
    counts = serializers.DictField(child=serializers.IntegerField())
    median_seconds = serializers.FloatField(allow_null=True)
    lines = LineShape(many=True)


class DrillBody(StrictSerializer):
    """Exactly one of `tree` (key) and `audience` (key); without `planned_for` it is sent now."""

    tree = serializers.CharField(required=False, allow_blank=True, default="", max_length=64)
    audience = serializers.CharField(required=False, allow_blank=True, default="", max_length=64)
    title = serializers.CharField(max_length=150)
    body = serializers.CharField(required=False, allow_blank=True, default="", max_length=4000)
    planned_for = serializers.DateTimeField(required=False, allow_null=True, default=None)
    collect_minutes = serializers.IntegerField(required=False, default=1440, min_value=10, max_value=20160)
    critical = serializers.BooleanField(required=False, default=False)


class DrillFilter(django_filters.FilterSet):
    """Which drills to list."""

    tree = django_filters.CharFilter(field_name="tree__key")
    audience = django_filters.CharFilter(field_name="audience__key")


class DrillListView(IdempotentPostMixin, generics.ListAPIView[Drill]):
    """Drills, newest first."""

    queryset = Drill.objects.all()
    serializer_class = DrillShape
    filterset_class = DrillFilter

    def get_queryset(self) -> QuerySet[Drill]:
        return visible_drills(actor_of(self.request))

    @extend_schema(request=DrillBody, responses={201: DrillShape})
    def post(self, request: Request) -> Response:
        """Plans a drill or sends it now: real messages. To people outside the password must be fresh. Not by token."""
        actor, given = actor_of(request), given_in(request, DrillBody)
        actor.require_person()
        tree, audience = given.pop("tree"), given.pop("audience")
        found = Audience.objects.filter(key=audience).first() if audience else None
        if audience and found is None:
            message = f"There is no audience with the key “{audience}”."
            raise InvalidInput(message, fields={"audience": [message]})
        made = plan_drill(actor=actor, now=utc_now(), tree=visible_tree(actor, tree) if tree else None, audience=found, **given)
        return created(DrillShape(made).data, f"/api/v1/drills/{made.public_id}/")


class DrillView(APIView):
    """One drill with its report."""

    @extend_schema(responses=ReportShape)
    def get(self, request: Request, public_id: str) -> Response:
        """Who answered how soon, whom it did not reach and why."""
        return Response(ReportShape(as_json(visible_drill(actor_of(request), public_id))).data)
