"""Who may change what stands about whom in the roster."""

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.roles import Permission
from core.errors import Forbidden


def require_own_or_roster(actor: Actor, user: User, act: str) -> None:
    """One's own entries, or, for whoever keeps the roster, anybody's. Raises `Forbidden`; `act` says what was tried."""
    actor.require(Permission.ROSTER_READ)
    own = actor.user is not None and actor.user.pk == user.pk
    if not own and not actor.may(Permission.ROSTER_WRITE):
        raise Forbidden(f"You may {act} only for yourself. Ask somebody who keeps the roster.")
