"""Releasing an update: a signed-in person with step-up."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from approvals import services
from approvals.api.fields import RevisionField
from approvals.models import Release, ReleaseSchedule
from approvals.queries import revision_number
from core.api.bodies import created, given_in
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from incidents.queries import visible_update


class ReleaseBody(StrictSerializer):
    """Without `at` the update goes now."""

    revision = RevisionField()
    at = serializers.DateTimeField(required=False, allow_null=True, help_text="A time to come, RFC 3339; UTC when it names no zone.")


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


class ReleaseView(IdempotentPostMixin, APIView):
    """Releases an approved update."""

    @extend_schema(request=ReleaseBody, responses={201: ReleasedSerializer, 202: ScheduleSerializer, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, public_id: str) -> Response:
        """Now, or with `at` at a time: from a signed-in session with step-up, never by token."""
        actor = actor_of(request)
        update = visible_update(actor, public_id)
        actor.require_person()
        given = given_in(request, ReleaseBody)
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
        return created(answer, answer["url"])
