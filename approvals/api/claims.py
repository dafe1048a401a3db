"""Who says "I am reviewing this". Read by token too; claiming takes the signed-in person, for it says that somebody is reading."""

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from approvals import services
from approvals.api.fields import KINDS
from approvals.models import SlotClaim
from approvals.queries.beside import claims_of
from core.api.bodies import given_in
from core.api.lists import listed
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from core.errors import NotFound
from incidents.queries import visible_update


class ClaimBody(StrictSerializer):
    """Which review."""

    kind = serializers.ChoiceField(choices=KINDS)


class ClaimShape(serializers.ModelSerializer[SlotClaim]):
    """Somebody's claim on a review. It binds nobody; it stands while `given_up_at` is `null`."""

    kind = serializers.ChoiceField(source="slot.kind", choices=KINDS)
    user = serializers.CharField(source="user.username")
    revision = serializers.IntegerField(source="slot.round.revision.number")

    class Meta:
        model = SlotClaim
        fields = ["kind", "user", "revision", "claimed_at", "given_up_at"]


class ClaimsView(IdempotentPostMixin, generics.GenericAPIView[SlotClaim]):
    """Claims on the reviews of an update."""

    queryset = SlotClaim.objects.none()
    serializer_class = ClaimShape

    def get_queryset(self) -> QuerySet[SlotClaim]:
        return claims_of(visible_update(actor_of(self.request), self.kwargs["public_id"]))

    @extend_schema(responses=ClaimShape(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        """Every claim there was, newest first."""
        return listed(self, self.get_queryset(), ClaimShape)

    @extend_schema(request=ClaimBody, responses={201: ClaimShape})
    def post(self, request: Request, public_id: str) -> Response:
        """Claims a review for the signed-in person, who must be able to give it; somebody else's claim ends. Never by token."""
        actor = actor_of(request)
        update = visible_update(actor, public_id)
        actor.require_person()
        made = services.claim_slot(actor=actor, now=utc_now(), update_id=update.pk, kind=given_in(request, ClaimBody)["kind"])
        return Response(ClaimShape(made).data, status=201)


class GiveUpClaimView(APIView):
    """One's own claim on a review."""

    @extend_schema(
        parameters=[OpenApiParameter("kind", OpenApiTypes.STR, OpenApiParameter.PATH, enum=KINDS)], request=None, responses={204: None}
    )
    def delete(self, request: Request, public_id: str, kind: str) -> Response:
        """Gives one's own claim up; without one nothing changes. From a signed-in session."""
        actor = actor_of(request)
        update = visible_update(actor, public_id)
        if kind not in KINDS:
            raise NotFound
        services.give_up_claim(actor=actor, now=utc_now(), update_id=update.pk, kind=kind)
        return Response(status=204)
