"""Addresses as people and programs give them, refused with the name of the field at fault."""

from ipaddress import ip_address, ip_network

from django.conf import settings

from core.errors import InvalidInput
from stakeholders.rules.addresses import BadAddress, normal_address

_HERE = ip_address("127.0.0.1")


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
    """Whether web addresses may be on this very machine: where the way out (`core/outbound`) may dial it, as in the demo and the tests."""
    return any(_HERE in ip_network(network) for network in settings.OUTBOUND_ALLOWED_NETWORKS)
