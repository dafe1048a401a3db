"""Which addresses may be dialled. Python 3.11 calls some global that are not, and some not private that are; those are named here."""

import ipaddress
from collections.abc import Collection

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# IANA special-purpose registries (RFC 6890 and later entries): https://www.iana.org/assignments/iana-ipv4-special-registry/
_REFUSED: dict[Network, str] = {
    ipaddress.ip_network(text): words
    for text, words in {
        "0.0.0.0/8": "this network",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "shared by a carrier",
        "127.0.0.0/8": "this machine",
        "169.254.0.0/16": "link-local",
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "reserved",
        "192.0.2.0/24": "for documentation",
        "192.31.196.0/24": "reserved",
        "192.52.193.0/24": "reserved",
        "192.88.99.0/24": "a 6to4 relay",
        "192.168.0.0/16": "private",
        "192.175.48.0/24": "reserved",
        "198.18.0.0/15": "for benchmarks",
        "198.51.100.0/24": "for documentation",
        "203.0.113.0/24": "for documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
        "::/96": "an IPv4 address in an IPv6 one",
        "64:ff9b::/96": "a translated IPv4 address (NAT64)",
        "64:ff9b:1::/48": "a translated IPv4 address (NAT64)",
        "100::/64": "discarded",
        "2001::/23": "reserved",
        "2001:db8::/32": "for documentation",
        "2002::/16": "a tunnelled IPv4 address (6to4)",
        "3fff::/20": "for documentation",
        "5f00::/16": "for segment routing",
        "fc00::/7": "private",
        "fe80::/10": "link-local",
        "fec0::/10": "private",
        "ff00::/8": "multicast",
    }.items()
}
_SPOKEN_IPV6 = ipaddress.ip_network("2000::/3")


def networks(texts: Collection[str]) -> tuple[Network, ...]:
    """The networks written so, for instance `10.1.0.0/16`. Raises `ValueError`."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def refusal(address: str, allowed: Collection[Network] = (), *, public: bool = True) -> str:
    """Why this address is not dialled, in words; empty: it is.

    `allowed` are networks of the operator's own that may be all the same; without `public` nothing else may.
    """
    try:
        there: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "no address"
    if isinstance(there, ipaddress.IPv6Address) and there.ipv4_mapped is not None:
        there = there.ipv4_mapped
    if any(there in network for network in allowed):
        return ""
    if not public:
        return "only addresses of this machine are called here"
    for network, words in _REFUSED.items():
        if there in network:
            return words
    # What nobody has handed out yet, or is called special by a newer Python than the table above.
    if not there.is_global or (there.version == 6 and there not in _SPOKEN_IPV6):
        return "not public"
    return ""
