"""`/api/v1/me/`: the asker and their tokens."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import STEP_UP_LASTS
from accounts.models import ApiToken, User
from accounts.queries import tokens_of
from accounts.requests import actor_of
from accounts.rules.roles import Permission, Role
from accounts.rules.scopes import Scope
from accounts.services.tokens import revoke_token
from core.api.pagination import CursorPagination
from core.clock import utc_now
from core.errors import NotFound


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
    second_factor_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when an override is taken without confirming the second factor."
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
            "second_factor_until": actor.second_factor_at + STEP_UP_LASTS if actor.second_factor_at else None,
        }
        return Response(MeSerializer(answer).data)


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token without what it opens with. `id` is the first part of its text."""

    id = serializers.CharField(source="token_key")

    class Meta:
        model = ApiToken
        fields = ["id", "name", "scopes", "created", "expiry", "last_used"]


class NewestTokensFirst(CursorPagination):
    """By when they were made."""

    ordering = ("-created", "digest")


class MyTokensView(generics.ListAPIView[ApiToken]):
    """The tokens that act for the asker."""

    queryset = ApiToken.objects.all()
    serializer_class = TokenSerializer
    pagination_class = NewestTokensFirst

    def get_queryset(self) -> QuerySet[ApiToken]:
        return tokens_of(actor_of(self.request).user)


class MyTokenView(APIView):
    """One of them."""

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, token_id: str) -> Response:
        """Revokes the token: it opens nothing from now on."""
        actor = actor_of(request)
        token = tokens_of(actor.user).filter(token_key=token_id).first()
        if token is None:
            raise NotFound
        revoke_token(actor=actor, now=utc_now(), token=token)
        return Response(status=204)
