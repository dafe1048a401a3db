"""The routing matrix over the API: read whole, and changed a cell at a time."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import requires
from accounts.requests import actor_of
from accounts.rules.roles import Permission
from core.api.bodies import given_in
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from core.errors import InvalidInput
from notifications.models import RoutingRule
from notifications.rules.routing import CHANNELS, URGENCIES, in_words, read_steps
from notifications.services.set_route import set_route
from stakeholders.models import Audience


class RouteStepShape(StrictSerializer):
    """One channel; without minutes nothing follows it for those whom it does not reach in time."""

    channel = serializers.ChoiceField(choices=CHANNELS)
    fallback_after_minutes = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=1440)


class RouteShape(serializers.Serializer[Any]):
    """A cell: `audience` null is for every audience without a route of its own at that urgency."""

    urgency = serializers.ChoiceField(choices=URGENCIES)
    audience = serializers.CharField(allow_null=True)
    channels = RouteStepShape(many=True)
    words = serializers.CharField()
    version = serializers.IntegerField()


class RouteBody(StrictSerializer):
    """The cell as it is to be; `channels` null takes an audience's own route away. `version` is the one read, 0 for none."""

    urgency = serializers.ChoiceField(choices=URGENCIES)
    audience = serializers.CharField(max_length=64, allow_null=True)
    channels = serializers.ListField(child=RouteStepShape(), allow_null=True, max_length=len(CHANNELS))
    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class RoutingView(APIView):
    """The whole matrix."""

    permission_classes = [requires(Permission.POLICY_READ)]

    @extend_schema(responses=RouteShape(many=True))
    def get(self, request: Request) -> Response:
        """Every cell that is set, the most urgent first."""
        return Response(_matrix())

    @extend_schema(request=RouteBody, responses=RouteShape(many=True))
    def put(self, request: Request) -> Response:
        """Sets one cell and answers with the matrix. Holds for every release from now on."""
        given = given_in(request, RouteBody)
        audience = None
        if given["audience"] is not None:
            audience = Audience.objects.filter(key=given["audience"]).first()
            if audience is None:
                text = f"There is no audience “{given['audience']}”."
                raise InvalidInput(text, fields={"audience": [text]})
        channels = None if given["channels"] is None else [dict(step) for step in given["channels"]]
        set_route(
            actor=actor_of(request),
            now=utc_now(),
            urgency=given["urgency"],
            audience=audience,
            channels=channels,
            version=given["version"],
        )
        return Response(_matrix())


def _matrix() -> list[dict[str, Any]]:
    rows = sorted(RoutingRule.objects.select_related("audience"), key=lambda row: (URGENCIES.index(row.urgency), row.audience_id or 0))
    return [
        {
            "urgency": row.urgency,
            "audience": row.audience.key if row.audience else None,
            "channels": row.channels,
            "words": in_words(read_steps(row.channels)),
            "version": row.version,
        }
        for row in rows
    ]
