"""Who acts. Every service takes an `Actor`; its `ref` is the pseudonymous id that goes into the audit log."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accounts.models import User
from accounts.rules.permission_words import ACTS
from accounts.rules.roles import Permission, roles_with
from accounts.rules.scopes import Scope
from accounts.rules.scopes import permissions_of as permissions_of_scopes
from accounts.second_factor import has_second_factor
from core.errors import Conflict, Forbidden, SecondFactorRequired, StepUpRequired

STEP_UP_LASTS = timedelta(minutes=5)
SET_UP_SECOND_FACTOR = "/accounts/2fa/"
CONFIRM_SECOND_FACTOR = "/accounts/2fa/reauthenticate/"


class ActorKind(StrEnum):
    """How the actor came in."""

    PERSON = "user"
    TOKEN = "token"  # noqa: S105 - the kind, not a token
    SOURCE = "source"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """A person in a session, a program with a token, an outside source, or the system's own clockwork."""

    kind: ActorKind
    ref: str
    user: User | None = None
    permissions: frozenset[Permission] = frozenset()
    stepped_up_at: datetime | None = None
    second_factor_at: datetime | None = None
    # When the authenticator behind `second_factor_at` was set up.
    second_factor_since: datetime | None = None

    def may(self, permission: Permission) -> bool:
        """The system's own clockwork may do what people have decided before; everyone else needs the permission."""
        return self.kind is ActorKind.SYSTEM or permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Raises `Forbidden` unless the actor may."""
        if not self.may(permission):
            held = " or ".join(role.value.replace("_", " ") for role in roles_with(permission))
            raise Forbidden(f"You may not {ACTS[permission]}. Ask an administrator for a role that may: {held}.")

    def require_person(self) -> User:
        """The signed-in person; raises `Forbidden` for tokens, sources and the system."""
        if self.kind is not ActorKind.PERSON or self.user is None:
            raise Forbidden("Only a signed-in person can do this: sign in on the pages, a token is not enough.")
        return self.user

    def require_step_up(self, now: datetime) -> User:
        """The signed-in person, who proved their identity within the last five minutes; else raises `StepUpRequired`."""
        user = self.require_person()
        if self.stepped_up_at is None or now - self.stepped_up_at > STEP_UP_LASTS:
            raise StepUpRequired("Confirm your password first: /accounts/reauthenticate/. It is remembered for five minutes.")
        return user

    def require_second_factor(self, now: datetime, *, known_since: datetime | None = None) -> User:
        """The signed-in person, who gave a code or used a passkey within the last five minutes; else raises `SecondFactorRequired`.

        Where `known_since` is given the authenticator has to be no younger, else raises `Conflict`: what anybody with the
        password could set up just now proves no second thing.
        """
        user = self.require_person()
        if self.second_factor_at is None or now - self.second_factor_at > STEP_UP_LASTS:
            if not has_second_factor(user):
                raise SecondFactorRequired(f"Set up a second factor first: {SET_UP_SECOND_FACTOR}.", where=SET_UP_SECOND_FACTOR)
            raise SecondFactorRequired(
                f"Confirm with your second factor first: {CONFIRM_SECOND_FACTOR}. It is remembered for five minutes.",
                where=CONFIRM_SECOND_FACTOR,
            )
        if known_since is not None and (self.second_factor_since is None or self.second_factor_since > known_since):
            raise Conflict(
                f"Your second factor has to have been set up before {known_since:%d %b %Y %H:%M} UTC, when review was first asked for."
                " Confirm with an older one, or ask another override holder.",
                code="second_factor_new",
            )
        return user


def person(
    user: User,
    *,
    stepped_up_at: datetime | None = None,
    second_factor_at: datetime | None = None,
    second_factor_since: datetime | None = None,
) -> Actor:
    """A signed-in person."""
    return Actor(ActorKind.PERSON, f"user:{user.pk}", user, user.granted, stepped_up_at, second_factor_at, second_factor_since)


def program(user: User, *, scopes: frozenset[Scope], token: str) -> Actor:
    """A token acting for its user; `token` is the public part of its key."""
    return Actor(ActorKind.TOKEN, f"token:{token}:user:{user.pk}", user, user.granted & permissions_of_scopes(scopes))


def source(name: str) -> Actor:
    """An outside tool that reports events. It may open, join and draft, never publish."""
    return Actor(ActorKind.SOURCE, f"source:{name}", None, frozenset({Permission.INCIDENT_WRITE, Permission.UPDATE_WRITE}))


def system(name: str) -> Actor:
    """The product's own clockwork, for instance the scheduler."""
    return Actor(ActorKind.SYSTEM, f"system:{name}")
