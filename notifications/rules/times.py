"""Instants as a reader sees them: in their own zone, with UTC beside it."""

from datetime import UTC, datetime
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
