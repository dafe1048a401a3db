"""Stakeholders: list, detail, registering, correcting."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from core.api.bodies import given_in
from core.api.pagination import CursorPagination
from core.clock import utc_now
from stakeholders.api.shapes import CONTACT_KINDS, KINDS, TIERS, FieldsBody, NewStakeholderBody, StakeholderSerializer
from stakeholders.models import Stakeholder
from stakeholders.queries import visible_stakeholder, visible_stakeholders
from stakeholders.rules.kinds import ConsentSource, VerificationState
from stakeholders.services import change_stakeholder, register_stakeholder
from stakeholders.services.entry_apply import Origin


class StakeholderFilter(django_filters.FilterSet):
    """Whom to list."""

    kind = django_filters.ChoiceFilter(choices=[(kind, kind) for kind in KINDS])
    external_id = django_filters.CharFilter()
    tier = django_filters.ChoiceFilter(choices=[(tier, tier) for tier in TIERS if tier])
    region = django_filters.CharFilter()
    tag = django_filters.CharFilter(method="_tagged", help_text="Has this tag.")
    audience = django_filters.CharFilter(field_name="audience_memberships__audience__key", help_text="An audience's key.")
    language = django_filters.CharFilter()
    address = django_filters.CharFilter(field_name="contact_points__address", lookup_expr="iexact", distinct=True)
    channel = django_filters.ChoiceFilter(
        field_name="contact_points__kind", choices=[(kind, kind) for kind in CONTACT_KINDS], distinct=True, help_text="Has such an address."
    )
    verification = django_filters.ChoiceFilter(
        field_name="contact_points__verification", choices=[(state, state) for state in VerificationState], distinct=True
    )
    suppressed = django_filters.BooleanFilter(
        field_name="contact_points__suppressed_at", lookup_expr="isnull", exclude=True, distinct=True, help_text="Has an unused address."
    )

    def _tagged(self, rows: "QuerySet[Stakeholder]", name: str, value: str) -> "QuerySet[Stakeholder]":
        return rows.filter(tags__contains=[value])


class StakeholderListView(IdempotentPostMixin, generics.ListAPIView[Stakeholder]):
    """The register, newest entry first."""

    queryset = Stakeholder.objects.all()
    serializer_class = StakeholderSerializer
    filterset_class = StakeholderFilter
    pagination_class = CursorPagination

    def get_queryset(self) -> QuerySet[Stakeholder]:
        return visible_stakeholders(actor_of(self.request))

    @extend_schema(request=NewStakeholderBody, responses={201: StakeholderSerializer})
    def post(self, request: Request) -> Response:
        """Adds somebody to the register, and to the audiences named."""
        actor, now = actor_of(request), utc_now()
        wanted: dict[str, Any] = given_in(request, NewStakeholderBody)
        points = [(point["kind"], point["address"]) for point in wanted.pop("contact_points", [])]
        joins = wanted.pop("audiences", [])
        made = register_stakeholder(actor=actor, now=now, contact_points=points, joins=joins, origin=Origin(ConsentSource.API), **wanted)
        answer = StakeholderSerializer(visible_stakeholder(actor, made.public_id)).data
        return Response(answer, status=status.HTTP_201_CREATED)


class StakeholderView(generics.GenericAPIView[Stakeholder]):
    """One entry of the register."""

    queryset = Stakeholder.objects.all()
    serializer_class = StakeholderSerializer

    def get(self, request: Request, public_id: str) -> Response:
        return Response(StakeholderSerializer(visible_stakeholder(actor_of(request), public_id)).data)

    @extend_schema(request=FieldsBody, responses=StakeholderSerializer)
    def patch(self, request: Request, public_id: str) -> Response:
        """Corrects the fields given."""
        actor = actor_of(request)
        stakeholder = visible_stakeholder(actor, public_id)
        change_stakeholder(actor=actor, now=utc_now(), stakeholder=stakeholder, **given_in(request, FieldsBody))
        return Response(StakeholderSerializer(visible_stakeholder(actor, public_id)).data)
