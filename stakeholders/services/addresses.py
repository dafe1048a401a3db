"""Addresses as people and programs give them, refused with the name of the field at fault."""

from django.conf import settings

from core.errors import InvalidInput
from stakeholders.rules.addresses import BadAddress, normal_address


def normalise(kind: str, text: str, *, field: str = "") -> str:
    """The address as it is stored. Raises `InvalidInput` naming `field`, or else the kind."""
    try:
        return normal_address(kind, text, loopback=loopback_allowed())
    except BadAddress as error:
        raise InvalidInput(str(error), fields={field or kind: [str(error)]}) from error


def normalise_email(text: str) -> str:
    """An e-mail address as it is stored. Raises `InvalidInput` naming the field `email`."""
    return normalise("email", text)


def loopback_allowed() -> bool:
    """Whether web addresses may be on this very machine: in the demo and the tests, where providers are."""
    return "127.0.0.0/8" in settings.OUTBOUND_ALLOWED_NETWORKS
