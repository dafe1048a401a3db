"""How an outside tool shows that it may report."""

from django.contrib.auth.models import AnonymousUser
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from integrations.models import HookToken
from integrations.queries import hook_token
from integrations.rules.sources import Source


class HookAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN` (RFC 6750) with a token of the view's own source; nobody is signed in by it."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, HookToken]:
        parts = get_authorization_header(request).split()
        token = None
        if len(parts) == 2 and parts[0].lower() == b"bearer":
            token = hook_token(self.source, parts[1].decode("latin-1"))
        if token is None:
            raise AuthenticationFailed("Send “Authorization: Bearer TOKEN” with a valid token; the command hook_token makes one.")
        return AnonymousUser(), token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    @property
    def source(self) -> str:
        raise NotImplementedError


class AlertmanagerAuthentication(HookAuthentication):
    """Tokens made for Alertmanager."""

    source = Source.ALERTMANAGER.value


class HoldsHookToken(BasePermission):
    """The request came in by a hook's token."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, HookToken)
