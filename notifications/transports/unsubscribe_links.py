"""The signed address that ends one address's mail for one audience."""

from django.conf import settings
from django.core.signing import BadSignature, Signer

_signer = Signer(salt="notifications.unsubscribe")


def link_for(contact_point: int, audience: int) -> str:
    """An absolute address; its token is HMAC-signed and names address and audience by number only. It does not expire."""
    # Written out rather than reversed: ten thousand letters need ten thousand of these.
    token = _signer.sign(f"{contact_point}-{audience}")
    return f"{settings.CONSOLE_URL}/unsubscribe/{token}/"


def read_token(token: str) -> tuple[int, int] | None:
    """(contact point, audience), or None for what we did not write."""
    try:
        contact_point, _, audience = _signer.unsign(token).partition("-")
    except BadSignature:
        return None
    return int(contact_point), int(audience)
