"""The normal form of an address, in which it is stored and compared."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from core.errors import InvalidInput

_UNUSABLE = re.compile(r'[\s"\x00-\x1f\x7f]')
_validate = EmailValidator()


def normalise_email(text: str) -> str:
    """The address with its domain in lower case and in ASCII (IDNA); the part before the @ stays as given (RFC 5321 §2.4).

    Raises `InvalidInput` naming the field `email`. Quoted local parts are refused: they are where header injection hides.
    """
    address = text.strip()
    local, _, domain = address.rpartition("@")
    try:
        address = f"{local}@{domain.lower().encode('idna').decode('ascii')}"
        _validate(address)
    except (ValidationError, UnicodeError) as error:
        raise _refusal() from error
    if _UNUSABLE.search(address):
        raise _refusal()
    return address


def _refusal() -> InvalidInput:
    message = "Enter an e-mail address of the form name@example.com."
    return InvalidInput(message, fields={"email": [message]})
