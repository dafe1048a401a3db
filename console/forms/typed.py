"""What people and scripts type into single fields, read carefully: nothing typed may end in a failure of ours."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core.errors import InvalidInput

MOST_DIGITS = 9


def small_int(text: str) -> int | None:
    """A whole number of at most nine plain digits, or `None`."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


def local_instant(text: str, zone: ZoneInfo) -> datetime:
    """The instant of a local date and time, in UTC.

    Raises `InvalidInput` for what is no time, for a time that the clocks skip, and for one outside the calendar.
    """
    try:
        local = datetime.fromisoformat(text.strip()).replace(tzinfo=zone)
        instant = local.astimezone(UTC)
        there = instant.astimezone(zone)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(
            "Give the day and the time.", fields={"at": ["Give the day and the time, for instance 2026-03-02T14:30."]}
        ) from error
    if there.replace(tzinfo=None) != local.replace(tzinfo=None):
        raise InvalidInput("That time does not exist.", fields={"at": [f"The clocks in {zone.key} skip that time. Choose another."]})
    return instant
