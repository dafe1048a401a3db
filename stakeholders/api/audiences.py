"""Audiences: list and detail."""

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.requests import actor_of
from core.api.pagination import CursorPagination
from stakeholders.models import Audience
from stakeholders.queries import reach_counts, scope_of, visible_audience, visible_audiences


class ScopeSerializer(serializers.Serializer[dict[str, object]]):
    """What the audience is told about; `components` are keys, none means all."""

    customer_facing_only = serializers.BooleanField()
    components = serializers.ListField(child=serializers.CharField())


class AudienceSerializer(serializers.ModelSerializer[Audience]):
    """People who read the same wording. `owner` and `deputy` are keys of teams."""

    id = serializers.CharField(source="public_id", read_only=True)
    owner = serializers.CharField(source="owner.key", read_only=True, default=None, allow_null=True)
    deputy = serializers.CharField(source="deputy.key", read_only=True, default=None, allow_null=True)
    scope = serializers.SerializerMethodField()

    class Meta:
        model = Audience
        fields = [
            "id", "key", "name", "description", "is_public", "is_internal", "owner", "deputy", "scope", "filter", "version", "created_at",
        ]  # fmt: skip

    @extend_schema_field(ScopeSerializer)
    def get_scope(self, audience: Audience) -> dict[str, object]:
        scope = scope_of(audience)
        return {"customer_facing_only": scope.customer_facing_only, "components": sorted(scope.components)}


class AudienceDetailSerializer(AudienceSerializer):
    """With the number of addresses that an update to it would reach now."""

    reach = serializers.SerializerMethodField()

    class Meta(AudienceSerializer.Meta):
        fields = [*AudienceSerializer.Meta.fields, "reach"]

    def get_reach(self, audience: Audience) -> int:
        return reach_counts([audience.key])[audience.key]


class AudienceFilter(django_filters.FilterSet):
    """Which audiences to list."""

    key = django_filters.CharFilter()
    is_public = django_filters.BooleanFilter()
    is_internal = django_filters.BooleanFilter()


class ByKey(CursorPagination):
    """By key, which is unique and never changes."""

    ordering = "key"


class AudienceListView(generics.ListAPIView[Audience]):
    """The audiences by key."""

    queryset = Audience.objects.all()
    serializer_class = AudienceSerializer
    filterset_class = AudienceFilter
    pagination_class = ByKey

    def get_queryset(self) -> QuerySet[Audience]:
        return visible_audiences(actor_of(self.request))


class AudienceView(generics.GenericAPIView[Audience]):
    """One audience."""

    queryset = Audience.objects.all()
    serializer_class = AudienceDetailSerializer

    def get(self, request: Request, public_id: str) -> Response:
        return Response(AudienceDetailSerializer(visible_audience(actor_of(request), public_id)).data)
