"""IP addresses, networks and hardware addresses, told from version numbers, clock times and examples."""

import re
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from screening.rules.catalogue import HARDWARE_ADDRESS, IP_ADDRESS, IP_NETWORK
from screening.rules.findings import Hit

Network = IPv4Network | IPv6Network

_QUAD = re.compile(
    r"(?<![\w.])((?:[0-9]{1,3}\.){3}[0-9]{1,3})(?:/([0-9]{1,2})(?![0-9]))?(?![\w]|\.[0-9]|[-+](?:rc|alpha|beta|pre|dev|snapshot|build))",
    re.IGNORECASE,
)
# What stands right before a version number. Nothing else is assumed to be one.
_VERSION_BEFORE = re.compile(r"\b(?:v|ver|version|versions|release|releases|build|builds|revision|firmware)[\s:.#=(]{0,3}$", re.IGNORECASE)
_CONTINUES = re.compile(r"\s*(?:,|/|-|&|and|or|to|through|until|,\s*and)\s*(?:v|version\s)?$", re.IGNORECASE)
# Colons and hexadecimal digits; `ipaddress` decides. At most 45 characters, so that a long run costs little.
_SIX = re.compile(
    r"(?<![\w:.])((?=[0-9a-f:]{0,40}:)[0-9a-f:]{2,45}(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3})?)(?:%\w{1,16})?(?:/([0-9]{1,3}))?(?![\w:]|\.[0-9])",
    re.IGNORECASE,
)
_MAC = re.compile(
    r"(?<![\w:-])(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?!\w|[.:-]\w)",
    re.IGNORECASE,
)
# Documentation (RFC 5737, RFC 3849, RFC 9637), and addresses that name no machine.
_EXAMPLES: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "2001:db8::/32",
        "3fff::/20",
        "127.0.0.0/8",
        "0.0.0.0/32",
        "255.255.255.255/32",
        "::1/128",
        "::/128",
    )
)
_EVERYTHING = frozenset({"0.0.0.0/0", "::/0"})
# Hardware addresses for documentation begin so (RFC 7042, section 2.1.2); the others name no machine.
_EXAMPLE_MACS = ("00005e0053", "000000000000", "ffffffffffff")


def addresses(text: str, *, allowed: tuple[Network, ...]) -> Iterator[Hit]:
    """Every address in the text that lies in none of the `allowed` networks."""
    fine = (*_EXAMPLES, *allowed)
    yield from _version_four(text, fine)
    if ":" in text:
        yield from _version_six(text, fine)
    yield from _hardware(text)


def _version_four(text: str, fine: tuple[Network, ...]) -> Iterator[Hit]:
    version_ends = -1
    for match in _QUAD.finditer(text):
        # A list of versions goes on: "versions 4.9.0.1 and 4.9.0.2".
        goes_on = version_ends >= 0 and match.start() - version_ends < 20 and _CONTINUES.fullmatch(text, version_ends, match.start())
        if goes_on or _VERSION_BEFORE.search(text, max(0, match.start() - 16), match.start()):
            version_ends = match.end()
            continue
        version_ends = -1
        # Octets are read as decimal even with zeros before them, as people mean them.
        network = _network(".".join(str(int(octet)) for octet in match[1].split(".")), match[2])
        if network is not None and not _is_fine(network, fine):
            yield Hit(IP_NETWORK if match[2] else IP_ADDRESS, match.start(), match.end())


def _version_six(text: str, fine: tuple[Network, ...]) -> Iterator[Hit]:
    for match in _SIX.finditer(text):
        # The colon behind an address belongs to the sentence.
        written = match[1] if match[1].endswith("::") else match[1].rstrip(":")
        if not _looks_like_version_six(written):
            continue
        network = _network(written, match[2])
        if network is not None and not _is_fine(network, fine):
            end = match.end() - (len(match[1]) - len(written))
            yield Hit(IP_NETWORK if match[2] else IP_ADDRESS, match.start(), end)


def _looks_like_version_six(written: str) -> bool:
    """In use are 2000::/3, unique local, link local and multicast addresses and mapped ones; so no clock time and no `std::dec` is one."""
    first = written.partition(":")[0].lower()
    return (len(first) == 4 and first[0] in "23") or first[:2] in {"fc", "fd", "fe", "ff"} or written.lower().startswith("::ffff:")


def _network(address: str, prefix: str | None) -> Network | None:
    try:
        return ip_network(f"{address}/{prefix}" if prefix else address, strict=False)
    except ValueError:
        return None


def _is_fine(network: Network, fine: tuple[Network, ...]) -> bool:
    return str(network) in _EVERYTHING or any(_within(network, one) for one in fine)


def _within(network: Network, other: Network) -> bool:
    if isinstance(network, IPv4Network) and isinstance(other, IPv4Network):
        return network.subnet_of(other)
    return isinstance(network, IPv6Network) and isinstance(other, IPv6Network) and network.subnet_of(other)


def _hardware(text: str) -> Iterator[Hit]:
    for match in _MAC.finditer(text):
        digits = re.sub(r"[:.-]", "", match[0]).lower()
        # Groups of plain numbers with hyphens or dots are dates and references.
        is_number = digits.isdecimal() and match[1] != ":"
        if not is_number and not digits.startswith(_EXAMPLE_MACS):
            yield Hit(HARDWARE_ADDRESS, match.start(), match.end())
