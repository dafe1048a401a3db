"""The words of an update that has nothing new to say."""

from datetime import UTC, datetime, timedelta

from incidents.rules.variables import minutes_in_words

# A language we have no words in is left to people, marked as the gap of a template is.
GAP = "{{ text }}"


def still_working(*, language: str, since: datetime, next_in: timedelta | None) -> str:
    """Says since when nothing is new and when more will follow, in English; for another language the marked gap."""
    if language.split("-", maxsplit=1)[0].lower() != "en":
        return GAP
    said = f"We are still working on this. There is nothing new to report since {since.astimezone(UTC):%H:%M} UTC."
    minutes = int(next_in.total_seconds()) // 60 if next_in else 0
    return f"{said} We will write again within {minutes_in_words(minutes)}." if minutes else said
