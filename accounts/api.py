"""`GET /api/v1/me/`."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import STEP_UP_LASTS
from accounts.models import ApiToken, User
from accounts.requests import actor_of
from accounts.rules.roles import Permission, Role
from accounts.rules.scopes import Scope


class MeSerializer(serializers.Serializer[dict[str, object]]):
    """Who the asker is and what they may do by this way in."""

    id = serializers.UUIDField()
    username = serializers.CharField()
    display_name = serializers.CharField()
    email = serializers.EmailField()
    time_zone = serializers.CharField(help_text="IANA name.")
    roles = serializers.ListField(child=serializers.ChoiceField(choices=[role.value for role in Role]))
    permissions = serializers.ListField(
        child=serializers.ChoiceField(choices=[one.value for one in Permission]), help_text="A token's are bounded by its scopes."
    )
    signed_in_by = serializers.ChoiceField(choices=["session", "token"])
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=[scope.value for scope in Scope]), help_text="A token's; empty for a session."
    )
    stepped_up_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when verdicts and releases are taken without confirming the password."
    )


class MeView(APIView):
    """The person signed in, or the person a token acts for."""

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        user = actor.user
        assert isinstance(user, User)  # noqa: S101 - actor_of knows no requests of anyone else
        token = request.auth if isinstance(request.auth, ApiToken) else None
        answer = {
            "id": user.pk,
            "username": user.get_username(),
            "display_name": user.get_full_name(),
            "email": user.email,
            "time_zone": user.time_zone,
            "roles": sorted(user.roles),
            "permissions": sorted(actor.permissions),
            "signed_in_by": "token" if token else "session",
            "scopes": token.scopes if token else [],
            "stepped_up_until": actor.stepped_up_at + STEP_UP_LASTS if actor.stepped_up_at else None,
        }
        return Response(MeSerializer(answer).data)
