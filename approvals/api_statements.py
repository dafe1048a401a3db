"""Holding statements: asking for review, verdicts, and release for an incident.

A token may ask for review and read; verdicts and release need a signed-in person with step-up.
"""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from approvals import services
from approvals.models import HoldingUse, Release, Review, ReviewRound
from approvals.queries.holding import HoldingPlan, holding_plan
from approvals.queries.statements import statement_reviews
from approvals.rules.words import Verdict
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from incidents.queries import visible_incident
from stakeholders.queries import reach_counts
from templates.queries import approved_version, visible_statement, visible_statements


class StatementReviewBody(StrictSerializer):
    """Which version, and until when its approval is to stand: at most 180 days."""

    version = serializers.IntegerField(min_value=1)
    expires_at = serializers.DateTimeField(help_text="RFC 3339; UTC when it names no zone.")


class StatementVerdictBody(StrictSerializer):
    """A verdict on exactly the version that was read. Asking for changes needs a comment."""

    kind = serializers.CharField(max_length=20, help_text="technical, communications or legal")
    verdict = serializers.ChoiceField(choices=[Verdict.APPROVE.value, Verdict.REQUEST_CHANGES.value])
    version = serializers.IntegerField(min_value=1)
    comment = serializers.CharField(required=False, allow_blank=True, default="")


class StatementRoundSerializer(serializers.ModelSerializer[ReviewRound]):
    """A round of reviews over one version of a statement."""

    statement = serializers.CharField(source="holding_version.statement.public_id")
    version = serializers.IntegerField(source="holding_version.number")
    content_hash = serializers.CharField(source="holding_version.content_hash")
    expires_at = serializers.DateTimeField(source="holding_version.expires_at")
    requested_by = serializers.CharField(source="requested_by.username")
    kinds = serializers.SerializerMethodField()

    class Meta:
        model = ReviewRound
        fields = ["statement", "version", "content_hash", "expires_at", "state", "requested_by", "opened_at", "kinds"]

    def get_kinds(self, review_round: ReviewRound) -> list[str]:
        return [slot.kind for slot in review_round.slots.all()]


class StatementReviewSerializer(serializers.ModelSerializer[Review]):
    """One verdict on a statement. It counts while `round_state` is open or approved."""

    statement = serializers.CharField(source="holding_version.statement.public_id")
    version = serializers.IntegerField(source="holding_version.number")
    kind = serializers.CharField(source="slot.kind")
    reviewer = serializers.CharField(source="reviewer.username")
    round_state = serializers.CharField(source="round.state")

    class Meta:
        model = Review
        fields = ["id", "statement", "version", "kind", "verdict", "reviewer", "content_hash", "comment", "at", "round_state"]


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


class RequestStatementReviewView(IdempotentPostMixin, APIView):
    """Asks for review of a statement."""

    @extend_schema(request=StatementReviewBody, responses={201: StatementRoundSerializer})
    def post(self, request: Request, public_id: str) -> Response:
        """Opens a round over the version. Whoever asks counts as a contributor and cannot review."""
        actor = actor_of(request)
        statement = visible_statement(actor, public_id)
        given = _validated(StatementReviewBody(data=request.data))
        review_round = services.request_statement_review(
            actor=actor, now=utc_now(), statement_id=statement.pk, number=given["version"], expires_at=given["expires_at"]
        )
        return Response(StatementRoundSerializer(review_round).data, status=201)


class StatementReviewsView(IdempotentPostMixin, generics.GenericAPIView[Review]):
    """The verdicts on a statement."""

    queryset = Review.objects.none()
    serializer_class = StatementReviewSerializer

    def get_queryset(self) -> QuerySet[Review]:
        return statement_reviews(visible_statement(actor_of(self.request), self.kwargs["public_id"]))

    @extend_schema(responses=StatementReviewSerializer(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        """Every verdict ever given on the statement, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(StatementReviewSerializer(page or [], many=True).data)

    @extend_schema(request=StatementVerdictBody, responses={201: StatementReviewSerializer})
    def post(self, request: Request, public_id: str) -> Response:
        """Gives a verdict: from a signed-in session with step-up, never by token."""
        actor = actor_of(request)
        statement = visible_statement(actor, public_id)
        actor.require_person()
        given = _validated(StatementVerdictBody(data=request.data))
        review = services.give_statement_verdict(
            actor=actor,
            now=utc_now(),
            statement_id=statement.pk,
            kind=given["kind"],
            verdict=given["verdict"],
            number=given["version"],
            comment=given["comment"],
        )
        return Response(StatementReviewSerializer(review).data, status=201)


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
        given = _validated(ReleaseStatementsBody(data=request.data))
        made = services.release_holding(
            actor=actor, now=utc_now(), incident_id=incident.pk, statements=given["statements"], seen=given["seen"]
        )
        answer = StatementReleaseSerializer(made).data
        return Response(answer, status=201, headers={"Location": answer["url"]})


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


def _validated(body: StrictSerializer) -> dict[str, Any]:
    body.is_valid(raise_exception=True)
    given: dict[str, Any] = body.validated_data
    return given
