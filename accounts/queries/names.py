"""Audit references (`user:…`, `source:alertmanager`) as names that colleagues know."""

import uuid
from collections.abc import Iterable

from accounts.models import User


def names_of(references: Iterable[str]) -> dict[str, str]:
    """The name for each reference; one query for all of them."""
    wanted = set(references)
    users = {reference: found for reference in wanted if (found := _user_id(reference)) is not None}
    people = {user.pk: user.get_full_name() for user in User.objects.filter(pk__in=set(users.values()))}
    return {reference: _name(reference, people.get(users[reference]) if reference in users else None) for reference in wanted}


def _user_id(reference: str) -> uuid.UUID | None:
    head, _, tail = reference.rpartition("user:")
    try:
        return uuid.UUID(tail) if reference.startswith(("user:", "token:")) and (not head or head.endswith(":")) else None
    except ValueError:
        return None


def _name(reference: str, person: str | None) -> str:
    kind, _, rest = reference.partition(":")
    if person is not None:
        return person if kind == "user" else f"{person}, by token"
    if kind == "source":
        return rest.replace("_", " ").capitalize()
    if kind == "system":
        return f"the system ({rest})"
    return "someone who has left" if kind in {"user", "token"} else reference
