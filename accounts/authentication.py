"""How the API knows who asks: a bearer token, or the session of the pages."""

from rest_framework.authentication import SessionAuthentication as BaseSessionAuthentication

from knox.auth import TokenAuthentication


class BearerTokenAuthentication(TokenAuthentication):
    """`Authorization: Bearer TOKEN`."""


class SessionAuthentication(BaseSessionAuthentication):
    """The session of the pages, with `X-CSRFToken` on everything that changes something."""
