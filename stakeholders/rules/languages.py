"""Languages and time zones as people may name them."""

import re
from functools import cache
from zoneinfo import available_timezones

# The common part of BCP 47 (RFC 5646): language, optional script, optional region.
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")


def is_language(tag: str) -> bool:
    """Whether the tag has the form of, for instance, `en`, `pt-BR` or `zh-Hant-TW`."""
    return _LANGUAGE.fullmatch(tag) is not None


def is_time_zone(name: str) -> bool:
    """Whether it is an IANA zone that this machine knows, for instance `Europe/Berlin`."""
    return name in _time_zones()


@cache
def _time_zones() -> frozenset[str]:
    """Read once: looking them up walks the whole time zone database on disk."""
    return frozenset(available_timezones())
