"""Update templates: list, detail, writing."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
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
from policies.rules.facts import KNOWN_WORDS
from templates.models import TemplateVersion, UpdateTemplate
from templates.queries import visible_template, visible_templates
from templates.services import create_template, save_template

STATUSES = list(KNOWN_WORDS["status"])
IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True, description="The ETag of the version edited."
)


class TemplateVersionSerializer(serializers.ModelSerializer[TemplateVersion]):
    """One state of the wording."""

    author = serializers.CharField(source="author.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = TemplateVersion
        fields = ["number", "title", "body", "author", "created_at"]


class TemplateSerializer(serializers.ModelSerializer[UpdateTemplate]):
    """A template and the wording in use. An empty category stands for any; `audience` is a key."""

    id = serializers.CharField(source="public_id", read_only=True)
    audience = serializers.CharField(source="audience_key", read_only=True)
    current = serializers.SerializerMethodField()

    class Meta:
        model = UpdateTemplate
        fields = ["id", "key", "name", "category", "status", "audience", "only_by_rule", "retired_at", "current"]

    @extend_schema_field(TemplateVersionSerializer(allow_null=True))
    def get_current(self, template: UpdateTemplate) -> dict[str, Any] | None:
        newest = _newest(template)
        return dict(TemplateVersionSerializer(newest).data) if newest else None


class TemplateDetailSerializer(TemplateSerializer):
    """With every version, newest first."""

    versions = TemplateVersionSerializer(many=True, read_only=True)

    class Meta(TemplateSerializer.Meta):
        fields = [*TemplateSerializer.Meta.fields, "versions"]


class NewTemplateSerializer(StrictSerializer):
    """Wording for a place that has none yet."""

    name = serializers.CharField(max_length=120)
    category = serializers.ChoiceField(choices=list(KNOWN_WORDS["category"]), allow_blank=True, default="")
    status = serializers.ChoiceField(choices=STATUSES)
    audience = serializers.CharField(max_length=64, help_text="The audience's key.")
    title = serializers.CharField()
    body = serializers.CharField(help_text="Markdown with {{ variables }}.")
    key = serializers.CharField(max_length=64, required=False, help_text="Left out, one is made from the place.")
    only_by_rule = serializers.BooleanField(default=False, help_text="Serves no place by itself: rules and the policy name its key.")


class WordingSerializer(StrictSerializer):
    """The next version; a part left out stays as it is."""

    title = serializers.CharField(required=False)
    body = serializers.CharField(required=False, help_text="Markdown with {{ variables }}.")


class TemplateFilter(django_filters.FilterSet):
    """Which templates to list."""

    key = django_filters.CharFilter()
    category = django_filters.CharFilter()
    status = django_filters.ChoiceFilter(choices=[(status, status) for status in STATUSES])
    audience = django_filters.CharFilter(field_name="audience_key", help_text="An audience's key.")
    retired = django_filters.BooleanFilter(field_name="retired_at", lookup_expr="isnull", exclude=True)


class TemplateListView(IdempotentPostMixin, generics.ListAPIView[UpdateTemplate]):
    """Templates, newest first."""

    queryset = UpdateTemplate.objects.all()
    serializer_class = TemplateSerializer
    filterset_class = TemplateFilter
    pagination_class = CursorPagination

    def get_queryset(self) -> QuerySet[UpdateTemplate]:
        return visible_templates(actor_of(self.request))

    @extend_schema(request=NewTemplateSerializer, responses={201: TemplateDetailSerializer})
    def post(self, request: Request) -> Response:
        """Writes a template for a category, status and audience that have none."""
        actor = actor_of(request)
        wanted = given_in(request, NewTemplateSerializer)
        made = create_template(actor=actor, now=utc_now(), audience_key=wanted.pop("audience"), **wanted)
        return _answer(visible_template(actor, made.template.public_id), status.HTTP_201_CREATED)


class TemplateView(generics.GenericAPIView[UpdateTemplate]):
    """One template with its versions."""

    queryset = UpdateTemplate.objects.all()
    serializer_class = TemplateDetailSerializer

    def get(self, request: Request, public_id: str) -> Response:
        return _answer(visible_template(actor_of(request), public_id))

    @extend_schema(request=WordingSerializer, responses=TemplateDetailSerializer, parameters=[IF_MATCH])
    def patch(self, request: Request, public_id: str) -> Response:
        """Saves the next version."""
        actor = actor_of(request)
        template = visible_template(actor, public_id)
        base = required_version(request)
        given = given_in(request, WordingSerializer)
        newest = _newest(template)
        wording = {"title": newest.title if newest else "", "body": newest.body if newest else ""} | given
        save_template(actor=actor, now=utc_now(), template=template, base=base, **wording)
        return _answer(visible_template(actor, public_id))


def _newest(template: UpdateTemplate) -> TemplateVersion | None:
    """The first of the versions as prefetched."""
    return next(iter(template.versions.all()), None)


def _answer(template: UpdateTemplate, status_code: int = status.HTTP_200_OK) -> Response:
    newest = _newest(template)
    answer = TemplateDetailSerializer(template).data
    return Response(answer, status=status_code, headers={"ETag": etag(newest.number if newest else 0)})
