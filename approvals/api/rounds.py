"""Rounds of reviews: asking for one. A token may ask."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from approvals import services
from approvals.api.fields import RevisionField
from approvals.models import ReviewRound, ReviewSlot
from approvals.queries import revision_number
from core.api.bodies import given_in
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from incidents.queries import visible_update


class ReviewRequestBody(StrictSerializer):
    """Without `revision` the newest one is meant."""

    revision = RevisionField(required=False)


class SlotSerializer(serializers.ModelSerializer[ReviewSlot]):
    """A review that is asked for, and by when."""

    class Meta:
        model = ReviewSlot
        fields = ["kind", "due_at"]


class RoundSerializer(serializers.ModelSerializer[ReviewRound]):
    """A round of reviews over one revision."""

    update = serializers.CharField(source="update_of.public_id")  # type: ignore[assignment]  # DRF takes declared fields off the class
    revision = serializers.IntegerField(source="revision.number")
    content_hash = serializers.CharField(source="revision.content_hash")
    requested_by = serializers.CharField(source="requested_by.username")
    slots = SlotSerializer(many=True)

    class Meta:
        model = ReviewRound
        fields = ["update", "revision", "content_hash", "state", "requested_by", "policy_version", "opened_at", "slots"]


class RequestReviewView(IdempotentPostMixin, APIView):
    """Asks for review."""

    @extend_schema(request=ReviewRequestBody, responses={201: RoundSerializer})
    def post(self, request: Request, public_id: str) -> Response:
        """Opens a round over the revision. Whoever asks counts as a contributor and cannot review."""
        actor = actor_of(request)
        update = visible_update(actor, public_id)
        given = given_in(request, ReviewRequestBody)
        named = given.get("revision", update.current.number if update.current else 0)
        review_round = services.request_review(actor=actor, now=utc_now(), update_id=update.pk, revision=revision_number(update, named))
        return Response(RoundSerializer(review_round).data, status=201)
