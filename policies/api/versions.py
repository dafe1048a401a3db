"""Versions of the policy: read by everyone who may, drafts written in a session."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from core.api.bodies import given_in
from core.api.conditional import etag, required_version
from core.api.lists import listed
from core.api.pagination import CursorPagination
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from policies.models import PolicyVersion
from policies.models.version import STATES
from policies.queries import active_policy, visible_version, visible_versions
from policies.services import save_draft, throw_away_draft
from policies.services.drafts import create_draft


class PolicyVersionSerializer(serializers.ModelSerializer[PolicyVersion]):
    """A rule list. `rules` are read in order and the first whose `when` holds decides; `policies/schema/` describes them."""

    state = serializers.ChoiceField(choices=STATES)
    based_on = serializers.IntegerField(source="based_on.number", read_only=True, default=None, allow_null=True)
    authors = serializers.SerializerMethodField(help_text="Who wrote at it; the one who changed it last stands last.")
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    proposed_by = serializers.CharField(source="proposed_by.username", read_only=True, default=None, allow_null=True)
    activated_by = serializers.CharField(source="activated_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = PolicyVersion
        fields = [
            "number", "state", "note", "revision", "based_on", "authors", "created_by", "created_at", "proposed_by", "proposed_at",
            "activated_by", "activated_at", "retired_at", "rules",
        ]  # fmt: skip

    def get_authors(self, version: PolicyVersion) -> list[str]:
        return [author.user.username for author in version.authors.all()]


class DraftBody(StrictSerializer):
    """Rules in the form of `policies/schema/`, and what they change in a line."""

    rules = serializers.JSONField()
    note = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")


class DraftChangeBody(StrictSerializer):
    """What is left out stays as it is."""

    rules = serializers.JSONField(required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)


def version_answer(version: PolicyVersion, status: int = 200) -> Response:
    """One version, its revision as ETag."""
    headers = {"ETag": etag(version.revision)}
    if status == 201:
        headers["Location"] = f"/api/v1/policies/{version.number}/"
    return Response(PolicyVersionSerializer(version).data, status=status, headers=headers)


class PolicyFilter(django_filters.FilterSet):
    """Which versions to list."""

    state = django_filters.ChoiceFilter(choices=[(state, state) for state in STATES])


class NewestFirst(CursorPagination):
    """By number, which is unique and never changes."""

    ordering = "-number"


class PolicyListView(IdempotentPostMixin, generics.GenericAPIView[PolicyVersion]):
    """The versions, and new drafts."""

    queryset = PolicyVersion.objects.none()
    serializer_class = PolicyVersionSerializer
    filterset_class = PolicyFilter
    pagination_class = NewestFirst

    def get_queryset(self) -> "QuerySet[PolicyVersion]":
        return visible_versions(actor_of(self.request)).prefetch_related("authors__user")

    @extend_schema(responses=PolicyVersionSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Newest first."""
        return listed(self, self.get_queryset(), PolicyVersionSerializer)

    @extend_schema(request=DraftBody, responses={201: PolicyVersionSerializer})
    def post(self, request: Request) -> Response:
        """A new draft, in a signed-in session. It changes nothing before it is proposed and confirmed."""
        given = given_in(request, DraftBody)
        return version_answer(create_draft(actor=actor_of(request), now=utc_now(), **given), status=201)


class PolicyView(generics.GenericAPIView[PolicyVersion]):
    """One version. The number of its last save is its ETag."""

    queryset = PolicyVersion.objects.none()
    serializer_class = PolicyVersionSerializer

    def get(self, request: Request, number: int) -> Response:
        """The version with its rules."""
        return version_answer(visible_version(actor_of(request), number))

    @extend_schema(request=DraftChangeBody, responses=PolicyVersionSerializer)
    def patch(self, request: Request, number: int) -> Response:
        """Changes a draft, in a signed-in session; needs `If-Match` with the revision that was read."""
        actor = actor_of(request)
        version = visible_version(actor, number)
        revision = required_version(request)
        given = given_in(request, DraftChangeBody)
        wanted: dict[str, Any] = {"rules": version.rules, "note": version.note} | given
        save_draft(actor=actor, now=utc_now(), version=version, revision=revision, **wanted)
        return version_answer(visible_version(actor, number))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, number: int) -> Response:
        """Throws a draft away, in a signed-in session."""
        actor = actor_of(request)
        throw_away_draft(actor=actor, now=utc_now(), version=visible_version(actor, number))
        return Response(status=204)


class ActivePolicyView(generics.GenericAPIView[PolicyVersion]):
    """The version in force."""

    queryset = PolicyVersion.objects.none()
    serializer_class = PolicyVersionSerializer

    def get(self, request: Request) -> Response:
        """The version in force with its rules."""
        return version_answer(visible_version(actor_of(request), active_policy().number))
