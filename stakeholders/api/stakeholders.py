"""Stakeholders: list, detail, registering, correcting."""

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actors import Actor
from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from core.api.bodies import given_in
from core.api.pagination import CursorPagination
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from core.errors import InvalidInput
from stakeholders.models import Audience, ContactPoint, Stakeholder
from stakeholders.queries import visible_audiences, visible_stakeholder, visible_stakeholders
from stakeholders.rules.kinds import StakeholderKind
from stakeholders.services import change_stakeholder, register_stakeholder

KINDS = [kind.value for kind in StakeholderKind]


class ContactPointSerializer(serializers.ModelSerializer[ContactPoint]):
    """An address and whether it is used."""

    class Meta:
        model = ContactPoint
        fields = ["id", "kind", "address", "verified_at", "suppressed_at", "suppression_reason"]


class StakeholderSerializer(serializers.ModelSerializer[Stakeholder]):
    """Who is told. `audiences` are keys."""

    id = serializers.CharField(source="public_id", read_only=True)
    user = serializers.CharField(source="user.username", read_only=True, default=None, allow_null=True)
    contact_points = ContactPointSerializer(many=True, read_only=True)
    audiences = serializers.SerializerMethodField()

    class Meta:
        model = Stakeholder
        fields = ["id", "kind", "name", "user", "language", "time_zone", "contact_points", "audiences", "created_at"]

    def get_audiences(self, stakeholder: Stakeholder) -> list[str]:
        return sorted(membership.audience.key for membership in stakeholder.audience_memberships.all())


class NewStakeholderSerializer(StrictSerializer):
    """Somebody to be told by e-mail."""

    kind = serializers.ChoiceField(choices=KINDS)
    name = serializers.CharField(max_length=200)
    email = serializers.CharField(max_length=320)
    time_zone = serializers.CharField(default="UTC", help_text="IANA name.")
    language = serializers.CharField(default="en", help_text="Language tag, for instance en or pt-BR.")
    audiences = serializers.ListField(child=serializers.CharField(), default=list, help_text="Keys of the audiences to be put into.")


class StakeholderChangeSerializer(StrictSerializer):
    """What of an entry can be corrected; what is left out stays."""

    kind = serializers.ChoiceField(choices=KINDS, required=False)
    name = serializers.CharField(max_length=200, required=False)
    time_zone = serializers.CharField(required=False)
    language = serializers.CharField(required=False)


class StakeholderFilter(django_filters.FilterSet):
    """Whom to list."""

    kind = django_filters.ChoiceFilter(choices=[(kind, kind) for kind in KINDS])
    audience = django_filters.CharFilter(field_name="audience_memberships__audience__key", help_text="An audience's key.")
    language = django_filters.CharFilter()
    address = django_filters.CharFilter(field_name="contact_points__address", lookup_expr="iexact", distinct=True)
    suppressed = django_filters.BooleanFilter(
        field_name="contact_points__suppressed_at", lookup_expr="isnull", exclude=True, distinct=True, help_text="Has an unused address."
    )


class StakeholderListView(IdempotentPostMixin, generics.ListAPIView[Stakeholder]):
    """The register, newest entry first."""

    queryset = Stakeholder.objects.all()
    serializer_class = StakeholderSerializer
    filterset_class = StakeholderFilter
    pagination_class = CursorPagination

    def get_queryset(self) -> QuerySet[Stakeholder]:
        return visible_stakeholders(actor_of(self.request))

    @extend_schema(request=NewStakeholderSerializer, responses={201: StakeholderSerializer})
    def post(self, request: Request) -> Response:
        """Adds somebody to the register, and to the audiences named."""
        actor, now = actor_of(request), utc_now()
        wanted = given_in(request, NewStakeholderSerializer)
        audiences = _audiences(actor, wanted.pop("audiences"))
        made = register_stakeholder(actor=actor, now=now, audiences=audiences, **wanted)
        answer = StakeholderSerializer(visible_stakeholder(actor, made.public_id)).data
        return Response(answer, status=status.HTTP_201_CREATED)


class StakeholderView(generics.GenericAPIView[Stakeholder]):
    """One entry of the register."""

    queryset = Stakeholder.objects.all()
    serializer_class = StakeholderSerializer

    def get(self, request: Request, public_id: str) -> Response:
        return Response(StakeholderSerializer(visible_stakeholder(actor_of(request), public_id)).data)

    @extend_schema(request=StakeholderChangeSerializer, responses=StakeholderSerializer)
    def patch(self, request: Request, public_id: str) -> Response:
        """Corrects the fields given."""
        actor = actor_of(request)
        stakeholder = visible_stakeholder(actor, public_id)
        given = given_in(request, StakeholderChangeSerializer)
        change_stakeholder(actor=actor, now=utc_now(), stakeholder=stakeholder, **given)
        return Response(StakeholderSerializer(visible_stakeholder(actor, public_id)).data)


def _audiences(actor: Actor, keys: list[str]) -> list[Audience]:
    found = {audience.key: audience for audience in visible_audiences(actor).filter(key__in=keys)}
    if unknown := [key for key in keys if key not in found]:
        message = f"There is no audience “{unknown[0]}”. The list of audiences is at /api/v1/audiences/."
        raise InvalidInput(message, fields={"audiences": [message]})
    return list(found.values())
