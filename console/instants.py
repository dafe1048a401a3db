"""Instants on a page: by the clock of the reader's zone, which is named, with UTC at hand."""

from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from notifications.rules.times import zone_named


def zone_of_reader(request: HttpRequest | None) -> ZoneInfo:
    """The zone that the person signed in has chosen; of a page reached by a letter, the letter's reader's (a view sets
    `request.zone_of_reader`); UTC for everybody else.
    """
    known: ZoneInfo | None = getattr(request, "zone_of_reader", None)
    if known is not None:
        return known
    user = getattr(request, "user", None)
    return zone_named(user.time_zone) if user is not None and user.is_authenticated else zone_named("UTC")


def zone_word(at: datetime) -> str:
    """The zone's name at that instant; one that has only a number says from what it counts: `UTC-03`."""
    name = at.tzname() or ""
    return f"UTC{name}" if name[:1] in {"+", "-"} else name


def shown(at: datetime, zone: tzinfo, *, now: datetime, form: str = "") -> str:
    """The instant by the clock of `zone`. `form` is `time`, `date`, `day` (with the time) or `full` (with the
    weekday too); else the time alone of today, and of other days the day with it.
    """
    local, today = at.astimezone(zone), now.astimezone(zone)
    if form == "date":
        return f"{local.day} {local:%b %Y}"
    time = f"{local:%H:%M} {zone_word(local)}"
    if form == "full":
        return f"{local:%a} {local.day} {local:%b %Y}, {time}"
    if form == "time" or (form != "day" and local.date() == today.date()):
        return time
    return f"{local.day} {local:%b}{'' if local.year == today.year else f' {local.year}'}, {time}"
