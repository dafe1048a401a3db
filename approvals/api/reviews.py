"""Verdicts on an update: read by token too, given by a signed-in person with step-up."""

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from approvals import services
from approvals.api.fields import RevisionField
from approvals.models import Review
from approvals.queries import reviews_of, revision_number
from approvals.rules.words import Verdict
from core.api.bodies import given_in
from core.api.lists import listed
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from incidents.queries import visible_update


class VerdictBody(StrictSerializer):
    """A verdict on exactly the revision that was read. Asking for changes needs a comment."""

    kind = serializers.CharField(max_length=20, help_text="technical or communications")
    verdict = serializers.ChoiceField(choices=[verdict.value for verdict in Verdict])
    revision = RevisionField()
    comment = serializers.CharField(required=False, allow_blank=True, default="")


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """One verdict. It counts while `round_state` is open or approved."""

    update = serializers.CharField(source="round.update_of.public_id")  # type: ignore[assignment]  # DRF takes declared fields off the class
    kind = serializers.CharField(source="slot.kind")
    reviewer = serializers.CharField(source="reviewer.username")
    revision = serializers.IntegerField(source="revision.number")
    round_state = serializers.CharField(source="round.state")

    class Meta:
        model = Review
        fields = ["id", "update", "kind", "verdict", "reviewer", "revision", "content_hash", "comment", "at", "round_state"]


class ReviewFilter(django_filters.FilterSet):
    """Which verdicts to list."""

    kind = django_filters.CharFilter(field_name="slot__kind")
    verdict = django_filters.ChoiceFilter(choices=[(verdict.value, verdict.value) for verdict in Verdict])
    revision = django_filters.NumberFilter(field_name="revision__number", help_text="The revision's number.")


class ReviewsView(IdempotentPostMixin, generics.GenericAPIView[Review]):
    """The verdicts on an update."""

    queryset = Review.objects.none()
    serializer_class = ReviewSerializer
    filterset_class = ReviewFilter

    def get_queryset(self) -> QuerySet[Review]:
        return reviews_of(visible_update(actor_of(self.request), self.kwargs["public_id"]))

    @extend_schema(responses=ReviewSerializer(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        """Every verdict ever given on the update, newest first."""
        return listed(self, self.get_queryset(), ReviewSerializer)

    @extend_schema(request=VerdictBody, responses={201: ReviewSerializer})
    def post(self, request: Request, public_id: str) -> Response:
        """Gives a verdict: from a signed-in session with step-up, never by token."""
        actor = actor_of(request)
        update = visible_update(actor, public_id)
        actor.require_person()
        given = given_in(request, VerdictBody)
        review = services.give_verdict(
            actor=actor,
            now=utc_now(),
            update_id=update.pk,
            kind=given["kind"],
            verdict=given["verdict"],
            revision=revision_number(update, given["revision"]),
            comment=given["comment"],
        )
        return Response(ReviewSerializer(review).data, status=201)
