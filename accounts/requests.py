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
from accounts.second_factor import PROOFS, set_up_at
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
    password = _latest(record for record in records if record.get("method") == "password")
    factor = _latest(record for record in records if record.get("method") == "mfa" and record.get("type") in PROOFS)
    return person(
        user,
        stepped_up_at=_instant(password),
        second_factor_at=_instant(factor),
        second_factor_since=set_up_at(user, factor.get("id")) if factor else None,
    )


def _latest(records: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The newest of these proofs: allauth notes each at sign-in and at each confirmation."""
    return max(records, key=lambda record: float(record["at"]), default=None)


def _instant(record: dict[str, Any] | None) -> datetime | None:
    return datetime.fromtimestamp(record["at"], UTC) if record is not None else None
