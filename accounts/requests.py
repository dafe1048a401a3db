"""Who is behind a request, as the services want to know it."""

from datetime import UTC, datetime

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.actors import Actor, person, program
from accounts.models import ApiToken, User
from accounts.rules.scopes import Scope
from core.errors import Forbidden


def actor_of(request: HttpRequest | Request) -> Actor:
    """The person in the session, or the program behind the bearer token. Raises `Forbidden` for someone not signed in."""
    user = request.user
    if not isinstance(user, User):
        raise Forbidden("Sign in first: /accounts/login/.")
    token = getattr(request, "auth", None)
    if isinstance(token, ApiToken):
        return program(user, scopes=frozenset(Scope(name) for name in token.scopes), token=token.token_key)
    return person(user, stepped_up_at=_password_typed_at(request, user))


def _password_typed_at(request: HttpRequest | Request, user: User) -> datetime | None:
    """When this session last saw the password: allauth notes it at sign-in and at each confirmation."""
    if not hasattr(request, "session"):
        return None
    typed = [record["at"] for record in get_authentication_records(request, user) if record.get("method") == "password"]
    return datetime.fromtimestamp(max(typed), UTC) if typed else None
