"""Signatures that a receiver can check by RFC 6376 and RFC 8463, written out here once more."""

import base64
import hashlib
import re
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pytest_django import Settings

from notifications.rules.dkim import UnusableKey, body_hash, signer_with
from notifications.services import claim_and_send
from tests.support.cast import Cast
from tests.support.releases import released, subscribers
from tests.support.sinks import Sink

RSA = generate_rsa(65537, 2048)
ED25519 = Ed25519PrivateKey.generate()


def pem(key: object) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()  # type: ignore[attr-defined, no-any-return]


def check(raw: bytes, key: RSAPublicKey | Ed25519PublicKey) -> dict[str, str]:
    """As a receiver would; returns the signature's tags. Raises `InvalidSignature`."""
    head, body = raw.split(b"\r\n\r\n", 1)
    lines = re.sub(rb"\r\n[ \t]+", b" ", head).split(b"\r\n")
    headers = [(line.split(b":", 1)[0].lower(), re.sub(rb"\s+", b" ", line.split(b":", 1)[1]).strip()) for line in lines]
    (signature,) = [value for name, value in headers if name == b"dkim-signature"]
    tags = {part.split("=", 1)[0].strip(): part.split("=", 1)[1].strip() for part in signature.decode().split(";") if part.strip()}
    stripped = re.sub(rb"(\r\n)*$", b"", body) + b"\r\n"
    if base64.b64encode(hashlib.sha256(stripped).digest()).decode() != tags["bh"]:
        raise InvalidSignature
    covered = b""
    for wanted in tags["h"].split(":"):
        covered += wanted.encode() + b":" + [value for name, value in headers if name == wanted.encode()][-1] + b"\r\n"
    covered += b"dkim-signature:" + re.sub(rb"\bb=[^;]*$", b"b=", signature)
    value = base64.b64decode(re.sub(r"\s", "", tags["b"]))
    if isinstance(key, Ed25519PublicKey):
        key.verify(value, hashlib.sha256(covered).digest())
    else:
        key.verify(value, covered, PKCS1v15(), hashes.SHA256())
    return tags


MESSAGE = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: long\r\n  folded\tvalue \r\nX-Other: 1\r\n\r\nA  body \r\n.\r\n\r\n\r\n"


@pytest.mark.parametrize("key", [RSA, ED25519], ids=["rsa", "ed25519"])
def test_a_receiver_finds_the_signature_good_and_any_change_bad(key: object) -> None:
    signed = signer_with(domain="b.example", selector="s1", pem=pem(key)).signed(MESSAGE, at=1_772_000_000)
    public = key.public_key()  # type: ignore[attr-defined]
    tags = check(signed, public)
    assert (tags["d"], tags["s"], tags["h"]) == ("b.example", "s1", "from:to:subject")
    assert signed.endswith(MESSAGE)
    assert all(len(line) <= 200 for line in signed.split(b"\r\n"))
    for old, new in ((b"A  body", b"A body"), (b"c@d", b"e@d"), (b"folded", b"other"), (b"t=1772", b"t=1773")):
        with pytest.raises(InvalidSignature):
            check(signed.replace(old, new), public)
    assert check(signed.replace(b"X-Other: 1", b"X-Other: 2").replace(b"long\r\n  folded", b"long folded"), public) == tags


def test_an_empty_body_has_the_digest_that_the_standard_names() -> None:
    assert body_hash(b"") == body_hash(b"\r\n\r\n") == "frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="


@pytest.mark.parametrize("text", ["", "no key", pem(generate_private_key(SECP256R1())), pem(generate_rsa(65537, 1024))])  # noqa: S505 - refused for that
def test_a_key_that_receivers_would_not_accept_is_refused(text: str) -> None:
    with pytest.raises(UnusableKey):
        signer_with(domain="b.example", selector="s1", pem=text)


@pytest.mark.django_db
def test_letters_are_signed_where_a_key_is_set_up(cast: Cast, sink: Sink, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL, settings.DKIM_SELECTOR, settings.DKIM_PRIVATE_KEY = "Status <status@b.example>", "s1", pem(ED25519)
    subscribers("anna@example.com")
    released(cast)
    while claim_and_send():
        pass
    (raw,) = [content for recipient, content in sink.letters if recipient == "anna@example.com"]
    tags = check(raw, ED25519.public_key())
    assert tags["d"] == "b.example"
    assert {"list-unsubscribe", "list-unsubscribe-post", "message-id"} <= set(tags["h"].split(":"))
    assert abs(int(tags["t"]) - datetime.now(UTC).timestamp()) < 120
