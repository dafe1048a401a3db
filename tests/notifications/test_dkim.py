"""Signatures that a receiver can check: by dkimpy, and by RFC 6376 and RFC 8463 written out here once more."""

import base64
import hashlib
import re
from datetime import UTC, datetime

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
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
    tags["h"] = tags["h"].replace(" ", "")
    covered, left = b"", list(headers)
    for wanted in tags["h"].encode().split(b":"):
        place = max((place for place, (name, _) in enumerate(left) if name == wanted), default=None)
        # What is named more often than it occurs adds nothing (§5.4.2).
        if place is not None:
            covered += wanted + b":" + left.pop(place)[1] + b"\r\n"
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
    assert (tags["d"], tags["s"]) == ("b.example", "s1")
    assert signed.endswith(MESSAGE)
    assert all(len(line) <= 78 for line in signed.split(b"\r\n"))
    for old, new in ((b"A  body", b"A body"), (b"c@d", b"e@d"), (b"folded", b"other"), (b"t=1772", b"t=1773")):
        with pytest.raises(InvalidSignature):
            check(signed.replace(old, new), public)
    assert check(signed.replace(b"X-Other: 1", b"X-Other: 2").replace(b"long\r\n  folded", b"long folded"), public) == tags


def good_to_dkimpy(raw: bytes) -> bool:
    """As a receiver that uses dkimpy finds it, with the RSA key in DNS."""
    key = base64.b64encode(RSA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return bool(dkim.verify(raw, dnsfunc=lambda name, timeout=5: b"v=DKIM1; k=rsa; p=" + key))


LETTER = MESSAGE.replace(b"X-Other", b"Date: Mon, 02 Mar 2026 14:00:00 +0000\r\nList-Unsubscribe: <https://b.example/u>\r\nX-Other")


def test_another_implementation_finds_the_signature_good_and_a_change_bad() -> None:
    signed = signer_with(domain="b.example", selector="s1", pem=pem(RSA)).signed(LETTER, at=1_772_000_000)
    assert good_to_dkimpy(signed)
    assert not good_to_dkimpy(signed.replace(b"folded", b"other"))


@pytest.mark.parametrize(
    "added", ["From", "Reply-To", "To", "Cc", "Subject", "Date", "Content-Type", "List-Unsubscribe", "List-Unsubscribe-Post"]
)
@pytest.mark.parametrize("place", ["in front", "behind"])
def test_a_header_added_on_the_way_breaks_the_signature(added: str, place: str) -> None:
    """Readers' programs show the first From or the last: a letter of ours with another beside it must not pass (RFC 6376 §8.15)."""
    line = f"{added}: <https://evil.example/x>\r\n".encode()
    for key in (RSA, ED25519):
        signed = signer_with(domain="b.example", selector="s1", pem=pem(key)).signed(LETTER, at=1_772_000_000)
        changed = line + signed if place == "in front" else signed.replace(b"X-Other", line + b"X-Other")
        assert changed != signed
        with pytest.raises(InvalidSignature):
            check(changed, key.public_key())
        assert key is not RSA or not good_to_dkimpy(changed)


def test_what_a_mail_server_adds_on_the_way_leaves_it_good() -> None:
    signed = signer_with(domain="b.example", selector="s1", pem=pem(RSA)).signed(LETTER, at=1_772_000_000)
    changed = b"Received: from a by b\r\nReturn-Path: <x@b.example>\r\n" + signed.replace(b"X-Other", b"X-Spam: 0\r\nX-Other")
    assert good_to_dkimpy(changed)
    check(changed, RSA.public_key())


def test_of_a_header_that_stands_twice_both_are_covered() -> None:
    twice = LETTER.replace(b"To: c@d.example", b"To: c@d.example\r\nTo: e@f.example")
    signed = signer_with(domain="b.example", selector="s1", pem=pem(RSA)).signed(twice, at=1_772_000_000)
    assert good_to_dkimpy(signed)
    for address in (b"c@d", b"e@f"):
        assert not good_to_dkimpy(signed.replace(address, b"x@x"))


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
