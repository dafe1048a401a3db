"""Holding statements for one incident: what would go out, and letting it out by a signed-in person with step-up."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from approvals import services
from approvals.models import HoldingUse, Release
from approvals.queries.holding import HoldingPlan, holding_plan
from core.api.bodies import created, given_in
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from incidents.queries import visible_incident
from stakeholders.queries import reach_counts
from templates.queries import approved_version, visible_statements


class FilledSerializer(serializers.Serializer[Any]):
    """One statement as it would read for the incident."""

    statement = serializers.CharField()
    version = serializers.IntegerField()
    content_hash = serializers.CharField()
    audience = serializers.CharField()
    language = serializers.CharField()
    values = serializers.DictField(child=serializers.CharField())
    title = serializers.CharField()
    body = serializers.CharField()
    missing = serializers.ListField(child=serializers.CharField())


class PlanSerializer(serializers.Serializer[Any]):
    """What would go out, to how many addresses, and what is in the way. A release names `seen` again."""

    incident = serializers.CharField()
    statements = FilledSerializer(many=True)
    reach = serializers.DictField(child=serializers.IntegerField())
    reasons = serializers.ListField(child=serializers.CharField())
    seen = serializers.CharField()


class ReleaseStatementsBody(StrictSerializer):
    """The statements' ids, and `seen` of the plan that was read."""

    statements = serializers.ListField(child=serializers.CharField(max_length=12), min_length=1, max_length=20)
    seen = serializers.CharField(max_length=64)


class UseSerializer(serializers.ModelSerializer[HoldingUse]):
    """Which approved words were filled in with what."""

    statement = serializers.CharField(source="version.statement.public_id")
    version = serializers.IntegerField(source="version.number")

    class Meta:
        model = HoldingUse
        fields = ["statement", "version", "content_hash", "values", "title", "body"]


class StatementReleaseSerializer(serializers.ModelSerializer[Release]):
    """A release of holding statements; its progress is at `url`."""

    id = serializers.CharField(source="public_id")
    update = serializers.CharField(source="update_of.public_id")  # type: ignore[assignment]  # DRF takes declared fields off the class
    released_by = serializers.CharField(source="released_by.username")
    statements = UseSerializer(source="revision.holding_uses", many=True)
    url = serializers.SerializerMethodField()

    class Meta:
        model = Release
        fields = ["id", "update", "content_hash", "released_at", "released_by", "statements", "url"]

    def get_url(self, release: Release) -> str:
        return f"/api/v1/releases/{release.public_id}/"


class ReleaseStatementsView(IdempotentPostMixin, APIView):
    """Holding statements for one incident: what would go out, and letting it out."""

    @extend_schema(
        parameters=[OpenApiParameter("statement", OpenApiTypes.STR, many=True, description="Ids; left out, every approved one.")],
        responses=PlanSerializer,
    )
    def get(self, request: Request, public_id: str) -> Response:
        """The approved statements named, filled in from the incident."""
        actor = actor_of(request)
        incident = visible_incident(actor, public_id)
        rows = visible_statements(actor)
        if wanted := request.query_params.getlist("statement"):
            rows = rows.filter(public_id__in=wanted)
        versions = [version for statement in rows if (version := approved_version(statement))]
        return Response(_plan(incident.public_id, holding_plan(incident, versions, utc_now())))

    @extend_schema(request=ReleaseStatementsBody, responses={201: StatementReleaseSerializer, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, public_id: str) -> Response:
        """Releases them: from a signed-in session with step-up, never by token."""
        actor = actor_of(request)
        incident = visible_incident(actor, public_id)
        actor.require_person()
        given = given_in(request, ReleaseStatementsBody)
        made = services.release_holding(
            actor=actor, now=utc_now(), incident_id=incident.pk, statements=given["statements"], seen=given["seen"]
        )
        answer = StatementReleaseSerializer(made).data
        return created(answer, answer["url"])


def _plan(incident: str, plan: HoldingPlan) -> dict[str, Any]:
    statements = [
        {
            "statement": one.version.statement.public_id,
            "version": one.version.number,
            "content_hash": one.version.content_hash,
            "audience": one.version.statement.audience_key,
            "language": one.version.statement.language,
            "values": one.values,
            "title": one.title,
            "body": one.body,
            "missing": list(one.missing),
        }
        for one in plan.filled
    ]
    reach = reach_counts(plan.content.audiences)
    reasons = [reason.words for reason in plan.reasons]
    answer: dict[str, Any] = PlanSerializer(
        {"incident": incident, "statements": statements, "reach": reach, "reasons": reasons, "seen": plan.seen}
    ).data
    return answer
