"""The name of a delivery: the same over every attempt, so that a receiver can tell a repeat."""

import uuid

NAMESPACE = uuid.UUID("6f0b6a34-6d0a-5f0e-9a53-0f3f6a1f0c11")


def delivery_key(message: str, recipient: str, purpose: str) -> uuid.UUID:
    """UUIDv5 (RFC 9562 §5.5) over the message's public id, the recipient (`contact:7`, `user:…`) and the purpose."""
    return uuid.uuid5(NAMESPACE, f"{message}/{recipient}/{purpose}")
