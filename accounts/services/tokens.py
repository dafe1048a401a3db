"""Keys for programs."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from knox.crypto import create_token_string, hash_token
from knox.settings import CONSTANTS

from accounts.actors import Actor, ActorKind
from accounts.models import ApiToken, IdempotencyRecord, User
from accounts.rules.roles import Permission
from accounts.rules.scopes import Scope
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput

LONGEST = timedelta(days=366)


def create_token(
    *, actor: Actor, now: datetime, user: User, name: str, scopes: Iterable[Scope], lifetime: timedelta, form: str = ""
) -> tuple[ApiToken, str]:
    """A token acting for `user`, and its text, which is shown this once: only a digest is kept.

    Anyone may make one for themselves; one for someone else needs the permission to administer. `form` names the form that
    was sent, which makes one token at most. Raises `Forbidden`, `StepUpRequired` for a person in a session, `InvalidInput`,
    `Conflict` (`made_already`) for a form that was sent before, whatever became of its token.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        if actor.user is None or actor.require_person().pk != user.pk:
            actor.require(Permission.ADMINISTER)
        if actor.kind is ActorKind.PERSON:
            # A key outlives the session it was made in: whoever finds a screen unlocked makes none.
            actor.require_step_up(now)
        wanted = _known(scopes)
        if not timedelta(0) < lifetime <= LONGEST:
            raise InvalidInput("Choose another lifetime.", fields={"lifetime": [f"From a moment up to {LONGEST.days} days."]})
        if form and not _first_time(user, form, now):
            raise Conflict("This form has made its token already.", code="made_already")
        text = create_token_string()
        token = ApiToken(
            digest=hash_token(text),
            token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH],
            user=user,
            name=name,
            scopes=wanted,
            expiry=now + lifetime,
        )
        token.save(force_insert=True)
        body = {"token": token.token_key, "scopes": wanted, "expires_at": token.expiry.isoformat()}
        work.record("token.created", subject=f"user:{user.pk}", body=body)
        return token, text


def revoke_token(*, actor: Actor, now: datetime, token: ApiToken) -> None:
    """The token opens nothing from now on. Its owner may, and whoever administers."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        if actor.user is None or actor.require_person().pk != token.user_id:
            actor.require(Permission.ADMINISTER)
        ApiToken.objects.filter(pk=token.pk).delete()
        work.record("token.revoked", subject=f"user:{token.user_id}", body={"token": token.token_key})


def _first_time(user: User, form: str, now: datetime) -> bool:
    """Notes that the form was sent; the same form sent at the same moment waits for the first. Nothing of the answer is kept."""
    _, first = IdempotencyRecord.objects.get_or_create(user=user, key=f"form:{form}", defaults={"created_at": now})
    return first


def _known(scopes: Iterable[Scope]) -> list[str]:
    try:
        wanted = sorted({Scope(scope).value for scope in scopes})
    except ValueError as error:
        known = ", ".join(scope.value for scope in Scope)
        raise InvalidInput(f"{error}.", fields={"scopes": [f"Choose from: {known}."]}) from error
    if not wanted:
        raise InvalidInput("A token needs a scope.", fields={"scopes": [f"Name at least one of: {', '.join(Scope)}."]})
    return wanted
