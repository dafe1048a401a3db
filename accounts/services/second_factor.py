"""What is recorded when somebody's second factor changes."""

from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from audit.services import unit_of_work


def note_second_factor(*, actor: Actor, now: datetime, user: User, change: str) -> None:
    """Puts into the log that an authenticator was added or removed, or recovery codes made anew; never what it is."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        work.record("user.second_factor_changed", subject=f"user:{user.pk}", body={"change": change})
