"""Components: list, detail, status."""

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.requests import actor_of
from catalogue.models import Component, ComponentGroup
from catalogue.queries import components, visible_component, visible_components
from catalogue.rules.status import ComponentStatus
from catalogue.services import set_component_status
from core.api.bodies import given_in
from core.api.pagination import CursorPagination
from core.api.serializers import StrictSerializer
from core.clock import utc_now

STATUSES = [status.value for status in ComponentStatus]


class GroupSerializer(serializers.ModelSerializer[ComponentGroup]):
    """A heading."""

    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = ComponentGroup
        fields = ["id", "name"]


class ComponentSerializer(serializers.ModelSerializer[Component]):
    """A part of the service. `key` is what alerts call it."""

    id = serializers.CharField(source="public_id", read_only=True)
    group = GroupSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Component
        fields = ["id", "key", "name", "description", "group", "status", "is_public", "position", "start_date", "created_at", "updated_at"]


class ComponentStatusSerializer(StrictSerializer):
    """The one thing of a component that changes here."""

    status = serializers.ChoiceField(choices=STATUSES)


class ComponentFilter(django_filters.FilterSet):
    """Which components to list."""

    key = django_filters.CharFilter()
    status = django_filters.ChoiceFilter(choices=[(status, status) for status in STATUSES])
    group = django_filters.CharFilter(field_name="group__public_id", help_text="The group's id.")
    is_public = django_filters.BooleanFilter()


class ByKey(CursorPagination):
    """By key, which is unique and never changes."""

    ordering = "key"


class ComponentListView(generics.ListAPIView[Component]):
    """Components by key."""

    queryset = components()
    serializer_class = ComponentSerializer
    filterset_class = ComponentFilter
    pagination_class = ByKey

    def get_queryset(self) -> QuerySet[Component]:
        return visible_components(actor_of(self.request))


class ComponentView(generics.GenericAPIView[Component]):
    """One component."""

    queryset = components()
    serializer_class = ComponentSerializer

    def get(self, request: Request, public_id: str) -> Response:
        return Response(ComponentSerializer(visible_component(actor_of(request), public_id)).data)

    @extend_schema(request=ComponentStatusSerializer, responses=ComponentSerializer)
    def patch(self, request: Request, public_id: str) -> Response:
        """Sets the status that the public page shows."""
        actor = actor_of(request)
        component = visible_component(actor, public_id)
        wanted = given_in(request, ComponentStatusSerializer)
        changed = set_component_status(actor=actor, now=utc_now(), component=component, status=wanted["status"])
        return Response(ComponentSerializer(changed).data)
