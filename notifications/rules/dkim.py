"""DKIM signatures (RFC 6376; Ed25519: RFC 8463), header canonicalised *relaxed* and body *simple*."""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

# Named once more than they occur, so that none can be added on the way (RFC 6376 §8.15): who wrote, to whom, where an answer goes,
# what is read, and how to end the mail.
SEALED = (
    b"from", b"reply-to", b"to", b"cc", b"subject", b"date", b"content-type", b"list-unsubscribe", b"list-unsubscribe-post",
)  # fmt: skip
# Covered where a message has them. Another list that passes a letter on may add a List-Id of its own.
SIGNED = (b"message-id", b"mime-version", b"list-id", b"auto-submitted")
SMALLEST_RSA = 2048
_FIELDS = re.compile(rb"\r\n(?![ \t])")
_SPACE = re.compile(rb"[ \t\r\n]+")
_LINE = 72
_NAMES_IN_A_LINE = 4


class UnusableKey(ValueError):
    """The key is none that DKIM can sign with."""


@dataclass(frozen=True)
class Signer:
    """Signs for a domain with the key that its DNS publishes under `SELECTOR._domainkey.DOMAIN`."""

    domain: str
    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey

    def signed(self, message: bytes, *, at: int) -> bytes:
        """The message with its signature in front. `message` has CRLF line ends; `at` is the time of signing, in seconds (Unix)."""
        head, _, body = message.partition(b"\r\n\r\n")
        fields: dict[bytes, list[bytes]] = {}
        for name, _, value in (field.partition(b":") for field in _FIELDS.split(head)):
            fields.setdefault(name.strip().lower(), []).append(value)
        occurring = [name for name in (*SEALED, *SIGNED) for _ in fields.get(name, ())]
        names = [name.decode() for name in (*occurring, *SEALED)]
        algorithm = "ed25519-sha256" if isinstance(self.key, Ed25519PrivateKey) else "rsa-sha256"
        tags = (
            f"v=1; a={algorithm}; c=relaxed/simple; d={self.domain}; s={self.selector};\r\n t={at};"
            f" h={_folded(names)};\r\n bh={body_hash(body)};\r\n b="
        ).encode("ascii")
        # Of a name that occurs several times the last one comes first; a name without a field adds nothing (§5.4.2).
        covered = b"".join(relaxed(name, fields[name].pop()) + b"\r\n" for name in occurring) + relaxed(b"dkim-signature", tags)
        value = base64.b64encode(self._signature(covered))
        folded = b"\r\n ".join(value[start : start + _LINE] for start in range(0, len(value), _LINE))
        return b"".join((b"DKIM-Signature: ", tags, folded, b"\r\n", message))

    def _signature(self, covered: bytes) -> bytes:
        if isinstance(self.key, Ed25519PrivateKey):
            return self.key.sign(hashlib.sha256(covered).digest())
        return self.key.sign(covered, PKCS1v15(), hashes.SHA256())


def signer_with(*, domain: str, selector: str, pem: str) -> Signer:
    """Raises `UnusableKey` for what is neither Ed25519 nor RSA of 2048 bits or more."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise UnusableKey("The DKIM key cannot be read: it must be an unencrypted private key in PEM.") from error
    if isinstance(key, Ed25519PrivateKey) or (isinstance(key, RSAPrivateKey) and key.key_size >= SMALLEST_RSA):
        return Signer(domain, selector, key)
    raise UnusableKey(f"DKIM takes Ed25519, or RSA of at least {SMALLEST_RSA} bits (RFC 8301).")


def _folded(names: Sequence[str]) -> str:
    starts = range(0, len(names), _NAMES_IN_A_LINE)
    return ":\r\n  ".join(":".join(names[start : start + _NAMES_IN_A_LINE]) for start in starts)


def relaxed(name: bytes, value: bytes) -> bytes:
    """RFC 6376 §3.4.2: lower case, unfolded, runs of white space made one, none at the ends."""
    return name.lower() + b":" + _SPACE.sub(b" ", value).strip(b" ")


def body_hash(body: bytes) -> str:
    """RFC 6376 §3.4.3: empty lines at the end count as one line end."""
    return base64.b64encode(hashlib.sha256(body.rstrip(b"\r\n") + b"\r\n").digest()).decode()
