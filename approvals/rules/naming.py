"""Keys as people read them, where a sentence names audiences and channels."""

from collections.abc import Iterable, Mapping


def listed(keys: Iterable[str], names: Mapping[str, str]) -> str:
    """The names in order, divided by commas; what has no name stands by its key."""
    return ", ".join(sorted(names.get(key, key) for key in keys))
