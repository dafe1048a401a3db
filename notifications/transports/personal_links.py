"""The address in a letter that is its reader's own: to end the mail, or to answer it."""

import uuid

from django.conf import settings
from django.core.signing import BadSignature, Signer

from notifications.transports.contract import Letter
from notifications.transports.unsubscribe_links import link_for

_signer = Signer(salt="notifications.answer")


def personal_link(letter: Letter) -> str:
    """What stands in the place for it; empty where the letter has none."""
    if asks_for_an_answer(letter):
        return answer_link(uuid.UUID(letter.key))
    return unsubscribe_link(letter)


def unsubscribe_link(letter: Letter) -> str:
    """What ends this mail by one click; empty where nothing does."""
    return link_for(*letter.unsubscribe) if letter.unsubscribe is not None else ""


def asks_for_an_answer(letter: Letter) -> bool:
    """Whether its reader is asked to say that they have it."""
    return bool(letter.message.facts.get("answer"))


def answer_link(key: uuid.UUID) -> str:
    """An absolute address; its token is HMAC-signed and names the delivery by its key."""
    return f"{settings.CONSOLE_URL}/answer/{_signer.sign(key.hex)}/"


def read_answer_token(token: str) -> uuid.UUID | None:
    """The delivery's key, or `None` for what we did not write."""
    try:
        return uuid.UUID(hex=_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
