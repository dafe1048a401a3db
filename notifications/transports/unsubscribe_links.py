"""The signed address that ends one address's mail for one audience."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from functools import lru_cache

from django.conf import settings
from django.core.signing import BadSignature, Signer

_SALT = "notifications.unsubscribe"
_signer = Signer(salt=_SALT)


@lru_cache(maxsize=2)
def _key(secret: str) -> bytes:
    """What `Signer` derives anew for each signature (django.utils.crypto.salted_hmac); a million letters need it once."""
    return hashlib.sha256(f"{_SALT}signer{secret}".encode()).digest()


def link_for(contact_point: int, audience: int) -> str:
    """An absolute address; its token is HMAC-signed and names address and audience by number only. It does not expire.

    The token is exactly what `Signer.sign` gives, written out; a test compares them.
    """
    value = f"{contact_point}-{audience}"
    digest = hmac.digest(_key(settings.SECRET_KEY), value.encode(), "sha256")
    return f"{settings.CONSOLE_URL}/unsubscribe/{value}:{urlsafe_b64encode(digest).rstrip(b'=').decode()}/"


def read_token(token: str) -> tuple[int, int] | None:
    """(contact point, audience), or None for what we did not write."""
    try:
        contact_point, _, audience = _signer.unsign(token).partition("-")
    except BadSignature:
        return None
    return int(contact_point), int(audience)
