"""Public identifiers: 12 characters of `[0-9a-z]`, as the Statuspage API has them; random, so nothing can be counted."""

import secrets
import string

ALPHABET = string.digits + string.ascii_lowercase


def public_id() -> str:
    """A fresh identifier, 62 bits of randomness."""
    return "".join(secrets.choice(ALPHABET) for _ in range(12))
