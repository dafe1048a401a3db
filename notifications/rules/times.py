"""Instants as a reader sees them: in their own zone, with UTC beside it."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_named(name: str) -> ZoneInfo:
    """The zone of that IANA name; UTC for a name this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def in_words(at: datetime, zone: ZoneInfo) -> str:
    """For instance `2 Mar 2026, 15:00 CET (14:00 UTC)`; the UTC date too where it differs; UTC alone where the zone equals it then."""
    local, utc = at.astimezone(zone), at.astimezone(UTC)
    if not local.utcoffset():
        return f"{utc.day} {utc:%b %Y, %H:%M} UTC"
    words = f"{local.day} {local:%b %Y, %H:%M} {local.tzname()}"
    if local.date() == utc.date():
        return f"{words} ({utc:%H:%M} UTC)"
    return f"{words} ({utc.day} {utc:%b}, {utc:%H:%M} UTC)"


# Text that somebody typed is escaped (`escaping.plain`), braces too: it cannot hold such a mark.
_MARK = re.compile(r"\{\{at (\d{1,17})\}\}")
_START = datetime(1970, 1, 1, tzinfo=UTC)
_UNIT = timedelta(microseconds=1)


def readers(at: datetime) -> str:
    """A mark inside the text of a message, which stands for this instant in words of each reader's zone."""
    return f"{{{{at {(at - _START) // _UNIT}}}}}"


def marked_in(texts: Iterable[str]) -> list[datetime]:
    """The instants that these texts have marks for, each once."""
    return [_START + int(found) * _UNIT for found in dict.fromkeys(found for text in texts for found in _MARK.findall(text))]


def with_instants(text: str, say: Callable[[datetime], str]) -> str:
    """The text with every mark replaced by what `say` says of its instant."""
    return _MARK.sub(lambda mark: say(_START + int(mark[1]) * _UNIT), text)
