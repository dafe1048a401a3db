"""Addresses as a page or a record may name them: enough to know which one is meant, too little to write to it."""


def masked(address: str) -> str:
    """The first two characters and the end: `an…@example.com`, `+4…678`, `https://hooks.example.com/…xyz`."""
    name, at, domain = address.rpartition("@")
    if at:
        return f"{name[:2]}…@{domain}"[:80]
    if "://" in address:
        scheme, _, rest = address.partition("://")
        host, _, path = rest.partition("/")
        return f"{scheme}://{host[:50]}/…{path[-3:]}"
    return f"{address[:2]}…{address[-3:]}"
