"""A mark in a form that lets it act once: the page it answers with can be loaded again without acting again."""

from datetime import datetime, timedelta
from secrets import token_urlsafe

from django.core.signing import BadSignature, dumps, loads

from accounts.models import User

# Shorter than the time for which it is remembered that a mark was used (`accounts.idempotency.KEPT_FOR`).
GOOD_FOR = timedelta(hours=12)
_SALT = "console.once"


def new_mark(user: User, now: datetime) -> str:
    """A fresh mark for a form shown to this person; it says nothing secret."""
    return dumps([token_urlsafe(12), str(user.pk), now.isoformat()], salt=_SALT)


def read_mark(text: str, user: User, now: datetime) -> str | None:
    """What names the form once and for all; `None` for a mark that is missing, forged, somebody else's or too old."""
    try:
        name, owner, at = loads(text, salt=_SALT)
    except BadSignature:
        return None
    return name if owner == str(user.pk) and now - datetime.fromisoformat(at) <= GOOD_FOR else None
