"""The addresses of an entry: one more, one less, ceasing to write to one and writing to it again."""

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from core.api.bodies import given_in
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from core.errors import NotFound
from stakeholders.api.shapes import ContactPointSerializer, NewPointBody
from stakeholders.models import ContactPoint
from stakeholders.queries import visible_stakeholder
from stakeholders.rules.kinds import ConsentSource
from stakeholders.services import (
    add_contact_point,
    lift_suppression,
    remove_contact_point,
    request_verification,
    suppress_contact_point,
)
from stakeholders.services.entry_apply import Origin


class ReasonBody(StrictSerializer):
    """Why; it is kept in the log."""

    reason = serializers.CharField(max_length=200)


class UseAgainBody(ReasonBody):
    """Why, and whether its reader asked for it."""

    reader_asked = serializers.BooleanField(default=False, help_text="Needed where the reader had asked for no more.")


class _PointsView(generics.GenericAPIView[ContactPoint]):
    queryset = ContactPoint.objects.all()
    serializer_class = ContactPointSerializer

    def _point(self, request: Request, public_id: str, row: int) -> ContactPoint:
        point = visible_stakeholder(actor_of(request), public_id).contact_points.filter(pk=row, removed_at__isnull=True).first()
        if point is None:
            raise NotFound
        return point


class AddressesView(IdempotentPostMixin, _PointsView):
    """The addresses of an entry."""

    @extend_schema(request=NewPointBody, responses={201: ContactPointSerializer})
    def post(self, request: Request, public_id: str) -> Response:
        """Adds an address, last in order. A colleague's telephone number waits for its confirmation by code."""
        stakeholder = visible_stakeholder(actor_of(request), public_id)
        given = given_in(request, NewPointBody)
        origin = Origin(ConsentSource.API, consent=given.pop("consent"), confirm=given.pop("confirm"))
        made = add_contact_point(actor=actor_of(request), now=utc_now(), stakeholder=stakeholder, origin=origin, **given)
        return Response(ContactPointSerializer(made).data, status=status.HTTP_201_CREATED)


class AddressView(_PointsView):
    """One address of an entry."""

    def get(self, request: Request, public_id: str, row: int) -> Response:
        return Response(ContactPointSerializer(self._point(request, public_id, row)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, public_id: str, row: int) -> Response:
        """Takes it off the register; what was sent there stays told."""
        remove_contact_point(actor=actor_of(request), now=utc_now(), contact_point=self._point(request, public_id, row))
        return Response(status=status.HTTP_204_NO_CONTENT)


class StopView(IdempotentPostMixin, _PointsView):
    """Nothing is sent to the address any more."""

    @extend_schema(request=ReasonBody, responses=ContactPointSerializer)
    def post(self, request: Request, public_id: str, row: int) -> Response:
        """Doing it again changes nothing: the first reason stands."""
        point, reason = self._point(request, public_id, row), given_in(request, ReasonBody)["reason"]
        stopped = suppress_contact_point(actor=actor_of(request), now=utc_now(), contact_point=point, reason=reason)
        return Response(ContactPointSerializer(stopped).data)


class UseAgainView(IdempotentPostMixin, _PointsView):
    """The address is written to again, from the next release on."""

    @extend_schema(request=UseAgainBody, responses=ContactPointSerializer)
    def post(self, request: Request, public_id: str, row: int) -> Response:
        """An address that is in use stays as it is; a bounce is lifted for every entry that has it. STOP is taken back by START alone."""
        point, given = self._point(request, public_id, row), given_in(request, UseAgainBody)
        lifted = lift_suppression(actor=actor_of(request), now=utc_now(), contact_point=point, **given)
        return Response(ContactPointSerializer(lifted).data)


class AskView(IdempotentPostMixin, _PointsView):
    """Its reader is asked to confirm the address: by a link in a letter, or by a code on a telephone."""

    @extend_schema(request=None, responses=ContactPointSerializer)
    def post(self, request: Request, public_id: str, row: int) -> Response:
        """Until it is answered nothing else goes to an address that was never confirmed. A code is typed on the entry's page."""
        point = self._point(request, public_id, row)
        request_verification(actor=actor_of(request), now=utc_now(), contact_point=point)
        return Response(ContactPointSerializer(self._point(request, public_id, row)).data)
