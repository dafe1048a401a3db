"""Which URLs may be called, before any name is looked up."""

import ipaddress
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from core.outbound.addresses import Network


def problem_with(url: str, allowed: Collection[Network] = ()) -> str:
    """What is wrong with the URL, as a sentence; empty: nothing.

    `https` only; `http` where the host is written as an address of an allowed network. No user or password in it, and no
    port of an old service below 1024 but 443 and 80.
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        return "This is not a URL."
    if not host or any(ord(character) <= 32 or ord(character) > 126 for character in url):
        return "This is not a URL."
    if parts.username is not None or parts.password is not None:
        return "A URL with a user name or password in it is not called."
    if port is not None and port < 1024 and port not in {80, 443}:
        return f"Port {port} is not called: use 443, or one from 1024 on."
    if parts.scheme == "https" or (parts.scheme == "http" and _is_allowed(parts, allowed)):
        return ""
    return "The URL must begin with https://."


def _is_allowed(parts: SplitResult, allowed: Collection[Network]) -> bool:
    try:
        there = ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        return False
    return any(there in network for network in allowed)
