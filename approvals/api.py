"""Asking for review, verdicts and release. A token may ask; verdicts and release need a signed-in person with step-up."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from approvals import services
from approvals.models import Release, ReleaseSchedule, Review, ReviewRound, ReviewSlot
from approvals.queries import reviews_of, revision_number
from approvals.rules.words import Verdict
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from incidents.queries import visible_update


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class RevisionField(serializers.Field[int | str, int | str, int | str, Any]):
    """A revision by its number, or by the content hash that was read."""

    default_error_messages = {"invalid": "Give the number or the content hash of the revision that you read."}

    def to_internal_value(self, data: int | str) -> int | str:
        if isinstance(data, bool) or not isinstance(data, int | str):
            self.fail("invalid")
        return int(data) if isinstance(data, str) and data.isdecimal() and len(data) < 10 else data

    def to_representation(self, value: int | str) -> int | str:
        return value


class ReviewRequestBody(StrictSerializer):
    """Without `revision` the newest one is meant."""

    revision = RevisionField(required=False)


class VerdictBody(StrictSerializer):
    """A verdict on exactly the revision that was read. Asking for changes needs a comment."""

    kind = serializers.CharField(max_length=20, help_text="technical or communications")
    verdict = serializers.ChoiceField(choices=[verdict.value for verdict in Verdict])
    revision = RevisionField()
    comment = serializers.CharField(required=False, allow_blank=True, default="")


class ReleaseBody(StrictSerializer):
    """Without `at` the update goes now."""

    revision = RevisionField()
    at = serializers.DateTimeField(required=False, allow_null=True, help_text="A time to come, RFC 3339; UTC when it names no zone.")


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


class ReleasedSerializer(serializers.ModelSerializer[Release]):
    """A release just made; its progress is at `url`."""

    id = serializers.CharField(source="public_id")
    update = serializers.CharField(source="update_of.public_id")  # type: ignore[assignment]  # DRF takes declared fields off the class
    revision = serializers.IntegerField(source="revision.number")
    released_by = serializers.CharField(source="released_by.username")
    url = serializers.SerializerMethodField()

    class Meta:
        model = Release
        fields = ["id", "update", "revision", "content_hash", "mode", "released_at", "released_by", "url"]

    def get_url(self, release: Release) -> str:
        return f"/api/v1/releases/{release.public_id}/"


class ScheduleSerializer(serializers.ModelSerializer[ReleaseSchedule]):
    """A release planned for a time."""

    update = serializers.CharField(source="update_of.public_id")  # type: ignore[assignment]  # DRF takes declared fields off the class
    revision = serializers.IntegerField(source="revision.number")
    content_hash = serializers.CharField(source="revision.content_hash")
    requested_by = serializers.CharField(source="requested_by.username")

    class Meta:
        model = ReleaseSchedule
        fields = ["update", "revision", "content_hash", "mode", "due_at", "state", "requested_by"]


class ReviewFilter(django_filters.FilterSet):
    """Which verdicts to list."""

    kind = django_filters.CharFilter(field_name="slot__kind")
    verdict = django_filters.ChoiceFilter(choices=[(verdict.value, verdict.value) for verdict in Verdict])
    revision = django_filters.NumberFilter(field_name="revision__number", help_text="The revision's number.")


class RequestReviewView(IdempotentPostMixin, APIView):
    """Asks for review."""

    @extend_schema(request=ReviewRequestBody, responses={201: RoundSerializer})
    def post(self, request: Request, public_id: str) -> Response:
        """Opens a round over the revision. Whoever asks counts as a contributor and cannot review."""
        actor = actor_of(request)
        update = visible_update(actor, public_id)
        given = _validated(ReviewRequestBody(data=request.data))
        named = given.get("revision", update.current.number if update.current else 0)
        review_round = services.request_review(actor=actor, now=utc_now(), update_id=update.pk, revision=revision_number(update, named))
        return Response(RoundSerializer(review_round).data, status=201)


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
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(ReviewSerializer(page or [], many=True).data)

    @extend_schema(request=VerdictBody, responses={201: ReviewSerializer})
    def post(self, request: Request, public_id: str) -> Response:
        """Gives a verdict: from a signed-in session with step-up, never by token."""
        actor = actor_of(request)
        update = visible_update(actor, public_id)
        actor.require_person()
        given = _validated(VerdictBody(data=request.data))
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


class ReleaseView(IdempotentPostMixin, APIView):
    """Releases an approved update."""

    @extend_schema(request=ReleaseBody, responses={201: ReleasedSerializer, 202: ScheduleSerializer, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, public_id: str) -> Response:
        """Now, or with `at` at a time: from a signed-in session with step-up, never by token."""
        actor = actor_of(request)
        update = visible_update(actor, public_id)
        actor.require_person()
        given = _validated(ReleaseBody(data=request.data))
        done = services.release_update(
            actor=actor,
            now=utc_now(),
            update_id=update.pk,
            revision=revision_number(update, given["revision"]),
            at=given.get("at"),
        )
        if isinstance(done, ReleaseSchedule):
            return Response(ScheduleSerializer(done).data, status=202)
        answer = ReleasedSerializer(done).data
        return Response(answer, status=201, headers={"Location": answer["url"]})


def _validated(body: StrictSerializer) -> dict[str, Any]:
    body.is_valid(raise_exception=True)
    given: dict[str, Any] = body.validated_data
    return given
