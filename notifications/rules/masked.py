"""Addresses shown so that a colleague recognises them and nobody else can use them."""

from urllib.parse import urlsplit

from stakeholders.rules.addresses import hinted


def masked(address: str) -> str:
    """The first letter of a mailbox and its domain, the last two digits of a number, the host of a web address."""
    if "://" in address:
        return f"{urlsplit(address).hostname or ''}/…"
    if "@" in address:
        return hinted(address)
    return f"…{address[-2:]}" if len(address) > 4 else "…"
