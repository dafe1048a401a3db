"""The name of a delivery: the same over every attempt, so that a receiver can tell a repeat."""

import hashlib
import uuid


def delivery_key(message: str, recipient: str, purpose: str) -> uuid.UUID:
    """UUIDv8 (RFC 9562 §5.8) over the message's public id, the recipient (`contact:7`, `user:…`) and the purpose.

    It holds the first 32 digits of the SHA-256 of `message/recipient/purpose`, but for the version and the variant digit. PostgreSQL
    computes the same in its function `notifications_delivery_key` (docs/decisions/0035).
    """
    digits = hashlib.sha256(f"{message}/{recipient}/{purpose}".encode()).hexdigest()
    return uuid.UUID(f"{digits[:12]}8{digits[13:16]}8{digits[17:32]}")
