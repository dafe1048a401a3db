"""Who is behind a request, as the services want to know it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.actors import Actor, person, program
from accounts.models import ApiToken, User
from accounts.rules.scopes import Scope
from accounts.second_factor import PROOFS
from core.errors import Forbidden


def actor_of(request: HttpRequest | Request) -> Actor:
    """The person in the session, or the program behind the bearer token. Raises `Forbidden` for someone not signed in."""
    user = request.user
    if not isinstance(user, User):
        raise Forbidden("Sign in first: /accounts/login/.")
    token = getattr(request, "auth", None)
    if isinstance(token, ApiToken):
        return program(user, scopes=frozenset(Scope(name) for name in token.scopes), token=token.token_key)
    records: list[dict[str, Any]] = get_authentication_records(request, user) if hasattr(request, "session") else []
    return person(
        user,
        stepped_up_at=_latest(record for record in records if record.get("method") == "password"),
        second_factor_at=_latest(record for record in records if record.get("method") == "mfa" and record.get("type") in PROOFS),
    )


def _latest(records: Iterable[dict[str, Any]]) -> datetime | None:
    """When the newest of these proofs was given: allauth notes each at sign-in and at each confirmation."""
    at = max((record["at"] for record in records), default=None)
    return datetime.fromtimestamp(at, UTC) if at is not None else None
