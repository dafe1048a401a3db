"""How the API knows who asks: a bearer token, or the session of the pages."""

from datetime import timedelta
from hmac import compare_digest

from django.db.models import Q
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.settings import CONSTANTS
from rest_framework.authentication import SessionAuthentication as BaseSessionAuthentication
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import ApiToken, User
from core.clock import utc_now

_NOTED_EVERY = timedelta(minutes=1)


class BearerTokenAuthentication(TokenAuthentication):
    """`Authorization: Bearer TOKEN` (RFC 6750). Unlike knox's, an expired token is kept, so that its owner learns why it fails."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        found = self._find(token)
        if found is None:
            raise AuthenticationFailed("Unknown token. Make one with the command api_token.")
        now = utc_now()
        if found.expiry is not None and found.expiry <= now:
            raise AuthenticationFailed("This token has expired. Make a new one with the command api_token.")
        if not found.user.is_active:
            raise AuthenticationFailed("The person behind this token is deactivated.")
        if found.last_used is None or now - found.last_used >= _NOTED_EVERY:
            long_ago = Q(last_used=None) | Q(last_used__lte=now - _NOTED_EVERY)
            ApiToken.objects.filter(long_ago, pk=found.pk).update(last_used=now)
        return found.user, found

    @staticmethod
    def _find(token: bytes) -> ApiToken | None:
        if not token.isalnum():  # knox writes hexadecimal digits; `bytes.isalnum` is true of ASCII alone
            return None
        text = token.decode("ascii")
        digest = hash_token(text)
        candidates = ApiToken.objects.filter(token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH]).select_related("user")
        return next((one for one in candidates if compare_digest(digest, one.digest)), None)


class SessionAuthentication(BaseSessionAuthentication):
    """The session of the pages, with `X-CSRFToken` on everything that changes something."""
