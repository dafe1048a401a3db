"""The link in a reviewer's e-mail. It is made of the slot and the person alone, so it can be written again at any time."""

import hashlib

from django.utils.crypto import salted_hmac

from approvals.models import ReviewLink
from approvals.queries.subject import SUBJECT_OF_SLOT

_SALT = "approvals.review-link"


def token_of(slot_id: int, user_id: object) -> str:
    """The secret part of the link, which only this installation's key can make."""
    return salted_hmac(_SALT, f"{slot_id}:{user_id}", algorithm="sha256").hexdigest()


def path_of(slot_id: int, user_id: object) -> str:
    """Where the link leads, for instance in the notice that asks for the review."""
    return f"/r/{token_of(slot_id, user_id)}/"


def digest_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def link_named(token: str) -> ReviewLink | None:
    """The link, or `None` for a token that was never given out."""
    named = ReviewLink.objects.select_related(*(f"slot__{path}" for path in SUBJECT_OF_SLOT), "user")
    return named.filter(digest=digest_of(token)).first()
