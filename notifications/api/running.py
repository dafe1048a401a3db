"""A release under way: how it gets on, asked for as often as anybody likes, and the acts of its page."""

import hashlib
from typing import Any

from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import Actor
from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from core.api.bodies import given_in
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from notifications.models import Message
from notifications.queries.governing import visible_release_message
from notifications.queries.live import Share, live
from notifications.rules.states import AGAIN, DeliveryState
from notifications.services import cancel_message, pause_message, resume_message, send_again, send_one_again, try_now

_STATES = [state.value for state in DeliveryState]
_BY_STATE = "How many deliveries are in each state; only states that occur."


class ShareShape(serializers.Serializer[Any]):
    """What one provider carries of a channel; `provider` is empty where nothing was tried yet."""

    channel = serializers.CharField()
    provider = serializers.CharField()
    states = serializers.DictField(child=serializers.IntegerField(), help_text=_BY_STATE)
    open = serializers.IntegerField(help_text="What has not come to an end.")
    per_second = serializers.SerializerMethodField(help_text="Attempts that ended in a second, over the last minute.")
    seconds_left = serializers.IntegerField(allow_null=True, help_text="At that pace; null when nothing is left, or nothing moves.")

    def get_per_second(self, share: Share) -> float:
        return round(share.per_second, 1)


class CauseShape(serializers.Serializer[Any]):
    """How many stand in a state for one cause: a reason without what differs from one delivery to the next."""

    channel = serializers.CharField()
    state = serializers.ChoiceField(choices=_STATES)
    cause = serializers.CharField()
    count = serializers.IntegerField()


class ProgressShape(serializers.Serializer[Any]):
    """`paused_at` is set while a person holds it, `stopped_reason` while the rules do; `ended_as`: the rest was cancelled or superseded."""

    release = serializers.CharField(source="sent.release.public_id")
    incident = serializers.CharField(source="sent.incident.public_id")
    planned = serializers.SerializerMethodField(help_text="How many deliveries there are so far.")
    planned_whole = serializers.BooleanField(help_text="Whether all its deliveries have been planned.")
    unplanned = serializers.IntegerField(
        source="sent.unplanned",
        allow_null=True,
        help_text="About how many were never planned, because it ended before; null while it is being planned, or when all were.",
    )
    done = serializers.BooleanField(help_text="Whether nothing is under way, nor still to be planned.")
    states = serializers.DictField(child=serializers.IntegerField(), help_text=_BY_STATE)
    shares = ShareShape(many=True)
    causes = CauseShape(many=True, help_text="The most frequent ones.")
    paused_at = serializers.DateTimeField(source="sent.paused_at", allow_null=True)
    paused_by = serializers.CharField(source="sent.paused_by.username", default=None, allow_null=True)
    stopped_reason = serializers.CharField(source="sent.stopped_reason")
    ended_as = serializers.CharField(source="sent.ended_as")
    ended_reason = serializers.CharField(source="sent.ended_reason")
    ended_at = serializers.DateTimeField(source="sent.ended_at", allow_null=True)
    ended_by = serializers.CharField(source="sent.ended_by.username", default=None, allow_null=True)

    def get_planned(self, shown: dict[str, Any]) -> int:
        return sum(shown["states"].values())


def _progress_of(message: Message) -> dict[str, Any]:
    now = live(message)
    shown = {"sent": message, "states": now.states, "planned_whole": message.planned_at is not None, "done": now.done}
    return dict(ProgressShape({**shown, "shares": now.shares, "causes": now.causes}).data)


class ProgressView(APIView):
    """How a release gets on."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        parameters=[
            OpenApiParameter("If-None-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The ETag of the last answer."),
            OpenApiParameter("ETag", OpenApiTypes.STR, OpenApiParameter.HEADER, response=[200, 304], description="Of what is shown."),
        ],
        responses={200: ProgressShape, 304: None},
    )
    def get(self, request: Request, public_id: str) -> Response:
        """Read from counters: as quick for a million as for ten. 304 while nothing has changed."""
        shown = _progress_of(visible_release_message(actor_of(request), public_id))
        tag = f'"{hashlib.sha256(JSONRenderer().render(shown)).hexdigest()[:32]}"'
        known = parse_etags(request.headers.get("If-None-Match", ""))
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if tag in {one.removeprefix("W/") for one in known}:
            return Response(status=304, headers=headers)
        return Response(shown, headers=headers)


class _ActView(IdempotentPostMixin, APIView):
    """What is done to a release under way by whoever may see it."""

    permission_classes = [IsAuthenticated]

    def seen_by(self, request: Request, public_id: str) -> tuple[Actor, Message]:
        """Who asks, and the release's message. Raises `NotFound`."""
        actor = actor_of(request)
        return actor, visible_release_message(actor, public_id)


class PauseView(_ActView):
    """Pausing."""

    @extend_schema(request=None, responses=ProgressShape)
    def post(self, request: Request, public_id: str) -> Response:
        """Nothing more is begun until somebody resumes it. From a signed-in session with a fresh password; never by token."""
        actor, message = self.seen_by(request, public_id)
        pause_message(actor=actor, now=utc_now(), message_id=message.public_id)
        return Response(_progress_of(visible_release_message(actor, public_id)))


class ResumeView(_ActView):
    """Resuming."""

    @extend_schema(request=None, responses=ProgressShape)
    def post(self, request: Request, public_id: str) -> Response:
        """It goes on where it stood. From a signed-in session with a fresh password; never by token."""
        actor, message = self.seen_by(request, public_id)
        resume_message(actor=actor, now=utc_now(), message_id=message.public_id)
        return Response(_progress_of(visible_release_message(actor, public_id)))


class CancelBody(StrictSerializer):
    """Why what was not sent yet never is."""

    reason = serializers.CharField(max_length=200)


class CancelledShape(serializers.Serializer[Any]):
    """`accepted` had been taken over, `stopped` are never sent, `in_flight` were with a worker and may still go."""

    accepted = serializers.IntegerField()
    stopped = serializers.IntegerField()
    in_flight = serializers.IntegerField()
    unplanned = serializers.IntegerField(help_text="About how many more had not even been planned, and are not any more.")


class CancelView(_ActView):
    """Cancelling."""

    @extend_schema(request=CancelBody, responses=CancelledShape)
    def post(self, request: Request, public_id: str) -> Response:
        """Nothing more of it is sent, for good. From a signed-in session with a fresh password; never by token."""
        actor, message = self.seen_by(request, public_id)
        actor.require_person()
        reason = given_in(request, CancelBody)["reason"]
        return Response(
            CancelledShape(cancel_message(actor=actor, now=utc_now(), message_id=message.public_id, reason=reason, at_once=0)).data
        )


class AgainBody(StrictSerializer):
    """Either `key`, for one delivery, or `state`, `channel` and `cause` as the progress names them, for all of these."""

    key = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(choices=sorted(AGAIN), required=False)
    channel = serializers.CharField(max_length=16, required=False)
    cause = serializers.CharField(max_length=200, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        missing = [name for name in ("state", "channel", "cause") if name not in attrs]
        if "key" not in attrs and missing:
            raise serializers.ValidationError({name: ["Name state, channel and cause, or the key of one delivery."] for name in missing})
        if "key" in attrs and len(attrs) > 1:
            raise serializers.ValidationError({"key": ["Name one delivery or one cause, not both."]})
        return attrs


class MovedShape(serializers.Serializer[Any]):
    """How many deliveries this changed."""

    deliveries = serializers.IntegerField()


class SendAgainView(_ActView):
    """Sending again what failed."""

    @extend_schema(request=AgainBody, responses=MovedShape)
    def post(self, request: Request, public_id: str) -> Response:
        """The same deliveries under the same keys, at most 20,000 at once. From a signed-in session with a fresh password; never by token.

        Ask again until the answer is 409 with code `nothing_left`.
        """
        actor, message = self.seen_by(request, public_id)
        actor.require_person()
        given = given_in(request, AgainBody)
        if "key" in given:
            send_one_again(actor=actor, now=utc_now(), message_id=message.public_id, key=given["key"])
            return Response({"deliveries": 1})
        return Response({"deliveries": send_again(actor=actor, now=utc_now(), message_id=message.public_id, **given, at_once=0)})


class TryNowBody(StrictSerializer):
    """What waits for one cause, as the progress names it; without either, all of it."""

    channel = serializers.CharField(max_length=16, required=False)
    cause = serializers.CharField(max_length=200, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) == 1:
            (missing,) = {"channel", "cause"} - attrs.keys()
            raise serializers.ValidationError({missing: ["Name both channel and cause, or neither."]})
        return attrs


class TryNowView(_ActView):
    """Trying at once what waits for another try."""

    @extend_schema(request=TryNowBody, responses=MovedShape)
    def post(self, request: Request, public_id: str) -> Response:
        """What waits is due now. From a signed-in session with a fresh password; never by token."""
        actor, message = self.seen_by(request, public_id)
        actor.require_person()
        given = given_in(request, TryNowBody)
        return Response({"deliveries": try_now(actor=actor, now=utc_now(), message_id=message.public_id, **given)})
