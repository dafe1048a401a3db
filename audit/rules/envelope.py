"""The shape of an entry: what is hashed into the tree. It does not change when bodies become encrypted."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime

from core.canonical import canonical_json

MAX_ENTRY_BYTES = 65_535


class EntryTooLarge(ValueError):
    """An entry would exceed the 65,535 bytes of a tile's entry."""


@dataclass(frozen=True)
class Envelope:
    """The public part of an entry. `commit` is SHA-256(salt ‖ body), so the body can be erased and the tree still verifies."""

    index: int
    type: str
    at: datetime
    actor: str
    subject: str
    policy_version: int | None
    commit: bytes

    def canonical(self) -> bytes:
        """RFC 8785 bytes of the envelope, the input of the leaf hash."""
        raw = canonical_json(
            {
                "index": self.index,
                "type": self.type,
                "at": self.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
                "actor": self.actor,
                "subject": self.subject,
                "policy_version": self.policy_version,
                "commit": self.commit.hex(),
            }
        )
        if len(raw) > MAX_ENTRY_BYTES:
            raise EntryTooLarge(f"An audit entry may have {MAX_ENTRY_BYTES} bytes, this one has {len(raw)}.")
        return raw


def commitment(salt: bytes, body: bytes) -> bytes:
    """SHA-256(salt ‖ body); the salt has 32 random bytes."""
    return hashlib.sha256(salt + body).digest()
