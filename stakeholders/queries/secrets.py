"""What answers a question whether an address is its reader's: made anew from the question and our key, kept nowhere."""

import hmac
from hashlib import sha256

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils.crypto import constant_time_compare, salted_hmac

from stakeholders.models import Verification
from stakeholders.rules.verification import CODE_DIGITS, Method

_signer = Signer(salt="stakeholders.confirm")
# A link's token is longer than any number and shorter than this.
LONGEST_TOKEN = 200


def answer_of(verification: Verification) -> str:
    """The code, or the token of the link, that its reader is sent."""
    if verification.method == Method.CODE:
        return code_of(verification.nonce)
    return _signer.sign(f"{verification.pk}-{verification.nonce}")


def link_of(verification: Verification) -> str:
    """The absolute address of the page that confirms."""
    return f"{settings.CONSOLE_URL}/confirm/{answer_of(verification)}/"


def code_of(nonce: str) -> str:
    """Six digits, each as likely as the others (the remainder of 256 bits)."""
    digest = salted_hmac("stakeholders.code", nonce, algorithm="sha256").digest()
    return str(int.from_bytes(digest, "big") % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def hash_of(method: str, nonce: str) -> str:
    """What is kept of the answer. A code's hash takes our key, or a million tries would find it."""
    if method == Method.CODE:
        return salted_hmac("stakeholders.code.kept", code_of(nonce), secret=settings.SECRET_KEY + nonce, algorithm="sha256").hexdigest()
    return sha256(nonce.encode()).hexdigest()


def is_code(verification: Verification, typed: str) -> bool:
    """Whether the digits typed, spaces aside, are the code; takes as long whichever of them is wrong."""
    digits = "".join(typed.split())
    kept = salted_hmac("stakeholders.code.kept", digits, secret=settings.SECRET_KEY + verification.nonce, algorithm="sha256").hexdigest()
    return hmac.compare_digest(kept, verification.secret_hash)


def read_token(token: str) -> tuple[int, str] | None:
    """(question, nonce) of a link of ours, else `None`."""
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        number, _, nonce = _signer.unsign(token).partition("-")
    except BadSignature:
        return None
    return (int(number), nonce) if number.isdecimal() else None


def is_token_of(verification: Verification, nonce: str) -> bool:
    """Whether the nonce of a link is this question's."""
    return constant_time_compare(hash_of(Method.LINK, nonce), verification.secret_hash)
