"""Absences and duties handed over, under `/api/v1/roster/`: a token may read, entering takes the signed-in person."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import Actor
from accounts.api_roster import MAY_READ, DutyField
from accounts.idempotency import IdempotentPostMixin
from accounts.models import Absence, Delegation, User
from accounts.requests import actor_of
from accounts.rules.duties import Duty
from accounts.rules.roles import Permission
from accounts.services.absences import cancel_absence, record_absence
from accounts.services.rota import delegate, end_delegation
from core.api.bodies import given_in
from core.api.pagination import CursorPagination
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from core.errors import InvalidInput, NotFound


class AbsenceShape(serializers.ModelSerializer[Absence]):
    """A time in which somebody is not asked. `note` is empty for whom it does not concern: theirs alone, and the roster keepers'."""

    user = serializers.CharField(source="user.username")
    note = serializers.SerializerMethodField()

    class Meta:
        model = Absence
        fields = ["id", "user", "starts_at", "ends_at", "note", "made_at"]

    def get_note(self, row: Absence) -> str:
        actor: Actor = self.context["actor"]
        return row.note if row.user == actor.user or actor.may(Permission.ROSTER_WRITE) else ""


class DelegationShape(serializers.ModelSerializer[Delegation]):
    """For this time the taker is asked where the giver would be."""

    duty = DutyField()
    giver = serializers.CharField(source="giver.username")
    taker = serializers.CharField(source="taker.username")

    class Meta:
        model = Delegation
        fields = ["id", "duty", "giver", "taker", "starts_at", "ends_at", "reason", "made_at"]


class AbsenceBody(StrictSerializer):
    """Who is away, when. Times are ISO 8601."""

    user = serializers.CharField(max_length=150, help_text="User name.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class DelegationBody(StrictSerializer):
    """Who hands which duty to whom, when and why."""

    duty = DutyField()
    giver = serializers.CharField(max_length=150, help_text="User name.")
    taker = serializers.CharField(max_length=150, help_text="User name.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    reason = serializers.CharField(max_length=200)


class AbsenceFilter(django_filters.FilterSet):
    """Which absences to list."""

    user = django_filters.CharFilter(field_name="user__username", help_text="User name.")
    since = django_filters.IsoDateTimeFilter(field_name="ends_at", lookup_expr="gt", help_text="Not over at this time, ISO 8601.")


class DelegationFilter(django_filters.FilterSet):
    """Which to list."""

    duty = django_filters.ChoiceFilter(choices=[(duty.value, duty.value) for duty in Duty])
    giver = django_filters.CharFilter(field_name="giver__username", help_text="User name.")
    taker = django_filters.CharFilter(field_name="taker__username", help_text="User name.")
    since = django_filters.IsoDateTimeFilter(field_name="ends_at", lookup_expr="gt", help_text="Not over at this time, ISO 8601.")


class NewestFirst(CursorPagination):
    """By when they were entered."""

    ordering = ("-made_at", "-pk")


class AbsencesView(IdempotentPostMixin, generics.ListAPIView[Absence]):
    """Absences, those that are over too."""

    queryset = Absence.objects.select_related("user")
    serializer_class = AbsenceShape
    pagination_class = NewestFirst
    filterset_class = AbsenceFilter
    permission_classes = MAY_READ

    def get_queryset(self) -> QuerySet[Absence]:
        return Absence.objects.select_related("user")

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        # The schema is made without anybody asking.
        return context if getattr(self, "swagger_fake_view", False) else context | {"actor": actor_of(self.request)}

    @extend_schema(request=AbsenceBody, responses={201: AbsenceShape})
    def post(self, request: Request) -> Response:
        """Records an absence: one's own, or anybody's by whoever keeps the roster. Not by token."""
        actor, given = _person(request), given_in(request, AbsenceBody)
        row = record_absence(actor=actor, now=utc_now(), **given | {"user": _named("user", given["user"])})
        return Response(AbsenceShape(row, context={"actor": actor}).data, status=201)


class AbsenceView(APIView):
    """One absence."""

    permission_classes = MAY_READ

    @extend_schema(responses=AbsenceShape)
    def get(self, request: Request, row: int) -> Response:
        """The absence."""
        return Response(AbsenceShape(_absence(row), context={"actor": actor_of(request)}).data)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, row: int) -> Response:
        """Back from now on; one that has not begun is taken back. Not by token."""
        cancel_absence(actor=_person(request), now=utc_now(), absence=_absence(row))
        return Response(status=204)


class DelegationsView(IdempotentPostMixin, generics.ListAPIView[Delegation]):
    """Duties handed over, those that are over too."""

    queryset = Delegation.objects.select_related("giver", "taker")
    serializer_class = DelegationShape
    pagination_class = NewestFirst
    filterset_class = DelegationFilter
    permission_classes = MAY_READ

    @extend_schema(request=DelegationBody, responses={201: DelegationShape})
    def post(self, request: Request) -> Response:
        """Hands a duty over: one's own, or anybody's by whoever keeps the roster. It gives no role. Not by token."""
        actor, given = _person(request), given_in(request, DelegationBody)
        people = {name: _named(name, given[name]) for name in ("giver", "taker")}
        row = delegate(actor=actor, now=utc_now(), **given | people | {"duty": Duty(given["duty"])})
        return Response(DelegationShape(row).data, status=201)


class DelegationView(APIView):
    """One of them."""

    permission_classes = MAY_READ

    @extend_schema(responses=DelegationShape)
    def get(self, request: Request, row: int) -> Response:
        """The duty, from whom to whom, when and why."""
        return Response(DelegationShape(_delegation(row)).data)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, row: int) -> Response:
        """The giver has the duty again from now on; what has not begun is taken back. Not by token."""
        end_delegation(actor=_person(request), now=utc_now(), delegation=_delegation(row))
        return Response(status=204)


def _person(request: Request) -> Actor:
    actor = actor_of(request)
    actor.require_person()
    return actor


def _named(field: str, name: str) -> User:
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise InvalidInput("Correct the fields named.", fields={field: [f"Nobody signs in as “{name}”."]})
    return user


def _absence(row: int) -> Absence:
    found = Absence.objects.select_related("user").filter(pk=row).first()
    if found is None:
        raise NotFound
    return found


def _delegation(row: int) -> Delegation:
    found = Delegation.objects.select_related("giver", "taker").filter(pk=row).first()
    if found is None:
        raise NotFound
    return found
