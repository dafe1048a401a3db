"""How the API knows who asks: a bearer token, or the session of the pages."""

from knox.auth import TokenAuthentication
from rest_framework.authentication import SessionAuthentication as BaseSessionAuthentication


class BearerTokenAuthentication(TokenAuthentication):
    """`Authorization: Bearer TOKEN`."""


class SessionAuthentication(BaseSessionAuthentication):
    """The session of the pages, with `X-CSRFToken` on everything that changes something."""
