"""Overrides, to read. Using one and ratifying it have pages only."""

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import actor_of
from approvals.models import Override
from approvals.queries.overrides import overrides_visible_to, visible_override
from approvals.rules.override import OverrideState


class OverrideShape(serializers.ModelSerializer[Override]):
    """A release without every review, and whether it was ratified."""

    id = serializers.CharField(source="public_id")
    update = serializers.CharField(source="update_of.public_id")  # type: ignore[assignment]  # DRF takes declared fields off the class
    release = serializers.CharField(source="release.public_id")
    by = serializers.CharField(source="by.username")
    revision = serializers.IntegerField(source="revision.number")
    fills = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    told = serializers.SerializerMethodField()
    decided_by = serializers.CharField(source="decided_by.username", allow_null=True, default=None)
    correction = serializers.CharField(source="correction.public_id", allow_null=True, default=None)

    class Meta:
        model = Override
        fields = [
            "id", "update", "release", "by", "revision", "content_hash", "reason", "fills", "fills_legal", "told", "at", "ratify_by",
            "state", "decided_by", "decided_at", "decided_reason", "correction",
        ]  # fmt: skip

    def get_told(self, override: Override) -> list[dict[str, str]]:
        """Who was told, and what makes them responsible."""
        return [{"name": one["name"], "as": one["as"]} for one in override.told]


class OverrideFilter(django_filters.FilterSet):
    """Which overrides to list."""

    state = django_filters.ChoiceFilter(choices=[(state.value, state.value) for state in OverrideState])
    update = django_filters.CharFilter(field_name="update_of__public_id")


class OverridesView(generics.ListAPIView[Override]):
    """Overrides of incidents the asker may see, newest first. Used and ratified on the pages only."""

    queryset = Override.objects.none()
    serializer_class = OverrideShape
    filterset_class = OverrideFilter

    def get_queryset(self) -> QuerySet[Override]:
        return overrides_visible_to(actor_of(self.request))


class OverrideView(APIView):
    """One override."""

    @extend_schema(responses=OverrideShape)
    def get(self, request: Request, public_id: str) -> Response:
        """Who released without which review and why, who was told, and the ratification."""
        return Response(OverrideShape(visible_override(actor_of(request), public_id)).data)
