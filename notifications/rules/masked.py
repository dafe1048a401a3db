"""Addresses shown so that a colleague recognises them and nobody else can use them."""

from urllib.parse import urlsplit

from stakeholders.rules.addresses import hinted

LONGEST = 80
"""Characters; `ChannelProof.to` holds no more."""


def masked(address: str) -> str:
    """The first letter of a mailbox and its domain, the last two digits of a number, host and last characters of a web address."""
    if "://" in address:
        return f"{(urlsplit(address).hostname or '')[: LONGEST - 6]}/…{address[-4:]}"
    if "@" in address:
        return hinted(address)[:LONGEST]
    return f"…{address[-2:]}" if len(address) > 4 else "…"
