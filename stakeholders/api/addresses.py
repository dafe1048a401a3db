"""Ceasing to write to an address, and writing to it again."""

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from core.api.bodies import given_in
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from core.errors import NotFound
from stakeholders.api.stakeholders import ContactPointSerializer
from stakeholders.models import ContactPoint
from stakeholders.queries import visible_stakeholder
from stakeholders.services import lift_suppression, suppress_contact_point


class ReasonBody(StrictSerializer):
    """Why; it is kept in the log."""

    reason = serializers.CharField(max_length=200)


class _AddressView(IdempotentPostMixin, generics.GenericAPIView[ContactPoint]):
    queryset = ContactPoint.objects.all()
    serializer_class = ContactPointSerializer

    def _point_and_reason(self, request: Request, public_id: str, row: int) -> tuple[ContactPoint, str]:
        point = visible_stakeholder(actor_of(request), public_id).contact_points.filter(pk=row).first()
        if point is None:
            raise NotFound
        return point, given_in(request, ReasonBody)["reason"]


class StopView(_AddressView):
    """Nothing is sent to the address any more."""

    @extend_schema(request=ReasonBody, responses=ContactPointSerializer)
    def post(self, request: Request, public_id: str, row: int) -> Response:
        """Doing it again changes nothing: the first reason stands."""
        point, reason = self._point_and_reason(request, public_id, row)
        stopped = suppress_contact_point(actor=actor_of(request), now=utc_now(), contact_point=point, reason=reason)
        return Response(ContactPointSerializer(stopped).data)


class UseAgainView(_AddressView):
    """The address is written to again, from the next release on."""

    @extend_schema(request=ReasonBody, responses=ContactPointSerializer)
    def post(self, request: Request, public_id: str, row: int) -> Response:
        """An address that is in use stays as it is."""
        point, reason = self._point_and_reason(request, public_id, row)
        lifted = lift_suppression(actor=actor_of(request), now=utc_now(), contact_point=point, reason=reason)
        return Response(ContactPointSerializer(lifted).data)
