"""Versions of the policy: list and detail."""

import django_filters
from django.db.models import QuerySet
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.requests import actor_of
from core.api.pagination import CursorPagination
from policies.models import PolicyVersion
from policies.queries import active_policy, visible_version, visible_versions

STATES = ["draft", "active", "retired"]


class PolicyVersionSerializer(serializers.ModelSerializer[PolicyVersion]):
    """A rule list. `rules` are read in order and the first whose `when` holds decides."""

    state = serializers.ChoiceField(choices=STATES)
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    activated_by = serializers.CharField(source="activated_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = PolicyVersion
        fields = ["number", "state", "note", "created_by", "created_at", "activated_by", "activated_at", "rules"]


class PolicyFilter(django_filters.FilterSet):
    """Which versions to list."""

    state = django_filters.ChoiceFilter(choices=[(state, state) for state in STATES])


class NewestFirst(CursorPagination):
    """By number, which is unique and never changes."""

    ordering = "-number"


class PolicyListView(generics.ListAPIView[PolicyVersion]):
    """The versions, newest first."""

    queryset = PolicyVersion.objects.all()
    serializer_class = PolicyVersionSerializer
    filterset_class = PolicyFilter
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[PolicyVersion]:
        return visible_versions(actor_of(self.request))


class PolicyView(generics.GenericAPIView[PolicyVersion]):
    """One version."""

    queryset = PolicyVersion.objects.all()
    serializer_class = PolicyVersionSerializer

    def get(self, request: Request, number: int) -> Response:
        return Response(PolicyVersionSerializer(visible_version(actor_of(request), number)).data)


class ActivePolicyView(generics.GenericAPIView[PolicyVersion]):
    """The version in force."""

    queryset = PolicyVersion.objects.all()
    serializer_class = PolicyVersionSerializer

    def get(self, request: Request) -> Response:
        found = visible_version(actor_of(request), active_policy().number)
        return Response(PolicyVersionSerializer(found).data)
