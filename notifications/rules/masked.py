"""Addresses shown so that a colleague recognises them and nobody else can use them."""

from urllib.parse import urlsplit


def masked(address: str) -> str:
    """The first letter of a mailbox and its domain, the last two digits of a number, the host of a web address."""
    if "://" in address:
        return f"{urlsplit(address).hostname or ''}/…"
    mailbox, at, domain = address.rpartition("@")
    if at:
        return f"{mailbox[:1]}…@{domain}"
    return f"…{address[-2:]}" if len(address) > 4 else "…"
