"""Holding statements: list, detail, writing. Review and release belong to the approvals."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from core.api.bodies import given_in
from core.api.conditional import etag, required_version
from core.api.pagination import CursorPagination
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from templates.api.templates import IF_MATCH
from templates.models import HoldingStatement, HoldingStatementVersion
from templates.queries import approved_version, statement_views, visible_statement, visible_statements, working_version
from templates.rules.holding import SCENARIOS
from templates.services import create_statement, save_statement


class StatementVersionSerializer(serializers.ModelSerializer[HoldingStatementVersion]):
    """One state of the wording. `content_hash` covers the text with its placeholders."""

    author = serializers.CharField(source="author.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = HoldingStatementVersion
        fields = ["number", "title", "body", "content_hash", "state", "author", "created_at", "expires_at", "approved_at", "retired_at"]


class StatementSerializer(serializers.ModelSerializer[HoldingStatement]):
    """A statement, the version in force and the one being worked on. `audience` is a key."""

    id = serializers.CharField(source="public_id", read_only=True)
    audience = serializers.CharField(source="audience_key", read_only=True)
    standing = serializers.SerializerMethodField(help_text="approved, expiring, expired, in_review, draft or retired")
    approved = serializers.SerializerMethodField()
    working = serializers.SerializerMethodField()

    class Meta:
        model = HoldingStatement
        fields = ["id", "key", "name", "scenario", "audience", "language", "standing", "approved", "working"]

    def get_standing(self, statement: HoldingStatement) -> str:
        return statement_views([statement], utc_now())[0].standing

    @extend_schema_field(StatementVersionSerializer(allow_null=True))
    def get_approved(self, statement: HoldingStatement) -> dict[str, Any] | None:
        found = approved_version(statement)
        return dict(StatementVersionSerializer(found).data) if found else None

    @extend_schema_field(StatementVersionSerializer(allow_null=True))
    def get_working(self, statement: HoldingStatement) -> dict[str, Any] | None:
        found = working_version(statement)
        return dict(StatementVersionSerializer(found).data) if found else None


class StatementDetailSerializer(StatementSerializer):
    """With every version, newest first."""

    versions = StatementVersionSerializer(many=True, read_only=True)

    class Meta(StatementSerializer.Meta):
        fields = [*StatementSerializer.Meta.fields, "versions"]


class NewStatementBody(StrictSerializer):
    """A statement and its first draft."""

    key = serializers.CharField(max_length=64)
    name = serializers.CharField(max_length=120)
    scenario = serializers.ChoiceField(choices=list(SCENARIOS))
    audience = serializers.CharField(max_length=64, help_text="The audience's key.")
    language = serializers.CharField(max_length=16, default="en", help_text="BCP 47, for instance en or pt-BR.")
    title = serializers.CharField()
    body = serializers.CharField(help_text="Markdown with the listed {{ variables }}.")


class StatementChangeBody(StrictSerializer):
    """The next version; a part left out stays as it is."""

    title = serializers.CharField(required=False)
    body = serializers.CharField(required=False, help_text="Markdown with the listed {{ variables }}.")
    renew = serializers.BooleanField(default=False, help_text="Make a draft of the same words, to have them approved again.")


class StatementFilter(django_filters.FilterSet):
    """Which statements to list."""

    scenario = django_filters.ChoiceFilter(choices=[(key, scenario.name) for key, scenario in SCENARIOS.items()])
    audience = django_filters.CharFilter(field_name="audience_key", help_text="An audience's key.")
    language = django_filters.CharFilter()


class StatementListView(IdempotentPostMixin, generics.ListAPIView[HoldingStatement]):
    """Holding statements, newest first."""

    queryset = HoldingStatement.objects.all()
    serializer_class = StatementSerializer
    filterset_class = StatementFilter
    pagination_class = CursorPagination

    def get_queryset(self) -> QuerySet[HoldingStatement]:
        return visible_statements(actor_of(self.request))

    @extend_schema(request=NewStatementBody, responses={201: StatementDetailSerializer})
    def post(self, request: Request) -> Response:
        """Writes a statement. It is a draft: nobody may release it before it is approved."""
        actor = actor_of(request)
        wanted = given_in(request, NewStatementBody)
        made = create_statement(actor=actor, now=utc_now(), audience_key=wanted.pop("audience"), **wanted)
        return _answer(visible_statement(actor, made.statement.public_id), status.HTTP_201_CREATED)


class StatementView(generics.GenericAPIView[HoldingStatement]):
    """One statement with its versions."""

    queryset = HoldingStatement.objects.all()
    serializer_class = StatementDetailSerializer

    def get(self, request: Request, public_id: str) -> Response:
        """The statement. The number of its newest version is its ETag."""
        return _answer(visible_statement(actor_of(request), public_id))

    @extend_schema(request=StatementChangeBody, responses=StatementDetailSerializer, parameters=[IF_MATCH])
    def patch(self, request: Request, public_id: str) -> Response:
        """Saves the next version, as a draft. An approved version stays in force beside it; a review that runs is over."""
        actor = actor_of(request)
        statement = visible_statement(actor, public_id)
        base = required_version(request)
        given = given_in(request, StatementChangeBody)
        newest = statement.versions.all()[0]
        wording = {"title": newest.title, "body": newest.body} | given
        save_statement(actor=actor, now=utc_now(), statement=statement, base=base, **wording)
        return _answer(visible_statement(actor, public_id))


def _answer(statement: HoldingStatement, status_code: int = status.HTTP_200_OK) -> Response:
    headers = {"ETag": etag(statement.versions.all()[0].number)}
    if status_code == status.HTTP_201_CREATED:
        headers["Location"] = f"/api/v1/holding-statements/{statement.public_id}/"
    return Response(StatementDetailSerializer(statement).data, status=status_code, headers=headers)
