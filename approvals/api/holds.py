"""Release holds: read by token too, placed and lifted by a signed-in person with step-up."""

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from approvals import services
from approvals.models import ReleaseHold
from approvals.queries.holds import holds_visible_to, visible_hold
from core.api.bodies import given_in
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from incidents.queries import visible_incident, visible_update


class HoldReasonBody(StrictSerializer):
    """Why."""

    reason = serializers.CharField(max_length=500)


class HoldShape(serializers.ModelSerializer[ReleaseHold]):
    """A release hold, on an incident or on one update; in force while `lifted_at` is `null`."""

    id = serializers.CharField(source="public_id")
    incident = serializers.SerializerMethodField()
    update = serializers.CharField(source="update_of.public_id", allow_null=True, default=None)  # type: ignore[assignment]  # as above
    placed_by = serializers.CharField(source="placed_by.username")
    lifted_by = serializers.CharField(source="lifted_by.username", allow_null=True, default=None)

    class Meta:
        model = ReleaseHold
        fields = ["id", "incident", "update", "reason", "placed_by", "placed_at", "lifted_by", "lifted_at", "lift_reason"]

    def get_incident(self, hold: ReleaseHold) -> str:
        """Its incident, also where the hold is on one update."""
        incident = hold.incident or (hold.update_of.incident if hold.update_of else None)
        return incident.public_id if incident else ""


class HoldFilter(django_filters.FilterSet):
    """Which holds to list."""

    in_force = django_filters.BooleanFilter(field_name="lifted_at", lookup_expr="isnull")


class HoldsView(generics.ListAPIView[ReleaseHold]):
    """Release holds on incidents the asker may see, newest first."""

    queryset = ReleaseHold.objects.none()
    serializer_class = HoldShape
    filterset_class = HoldFilter

    def get_queryset(self) -> QuerySet[ReleaseHold]:
        return holds_visible_to(actor_of(self.request))


class HoldIncidentView(IdempotentPostMixin, APIView):
    """Holds back everything of an incident."""

    @extend_schema(request=HoldReasonBody, responses={201: HoldShape, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, public_id: str) -> Response:
        """From a signed-in session with step-up, never by token."""
        actor = actor_of(request)
        incident = visible_incident(actor, public_id)
        actor.require_person()
        reason = given_in(request, HoldReasonBody)["reason"]
        hold = services.hold_incident(actor=actor, now=utc_now(), incident_id=incident.pk, reason=reason)
        return Response(HoldShape(hold).data, status=201)


class HoldUpdateView(IdempotentPostMixin, APIView):
    """Holds back one update."""

    @extend_schema(request=HoldReasonBody, responses={201: HoldShape, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, public_id: str) -> Response:
        """From a signed-in session with step-up, never by token."""
        actor = actor_of(request)
        update = visible_update(actor, public_id)
        actor.require_person()
        reason = given_in(request, HoldReasonBody)["reason"]
        hold = services.hold_update(actor=actor, now=utc_now(), update_id=update.pk, reason=reason)
        return Response(HoldShape(hold).data, status=201)


class LiftHoldView(IdempotentPostMixin, APIView):
    """Lifts a hold."""

    @extend_schema(request=HoldReasonBody, responses={200: HoldShape, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, public_id: str) -> Response:
        """From a signed-in session with step-up, never by token."""
        actor = actor_of(request)
        hold = visible_hold(actor, public_id)
        actor.require_person()
        reason = given_in(request, HoldReasonBody)["reason"]
        return Response(HoldShape(services.lift_hold(actor=actor, now=utc_now(), hold_id=hold.public_id, reason=reason)).data)
