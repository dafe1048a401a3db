"""A route as fields: each channel with its place in the order and the minutes after which the next one is used."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from console.forms.typed import small_int
from notifications.rules.routing import CHANNELS, Step, channel_said


@dataclass(frozen=True)
class Row:
    """One channel as typed. `place` empty: not used."""

    channel: str
    place: str
    minutes: str

    @property
    def is_surface(self) -> bool:
        """Whether it is looked at rather than sent to."""
        return Step(self.channel).is_surface

    @property
    def name(self) -> str:
        """The channel's name."""
        return channel_said(self.channel)


def rows_of(steps: "tuple[Step, ...]") -> list[Row]:
    """The fields of a route: its channels in their order, then those that it does not use."""
    used = [Row(s.channel, str(n), str(s.fallback_after or "")) for n, s in enumerate(steps, start=1)]
    rest = [channel for channel in CHANNELS if channel not in {step.channel for step in steps}]
    return used + [Row(channel, "", "") for channel in rest]


def rows_typed(data: QueryDict) -> list[Row]:
    """The fields as they were sent."""
    order = [channel for channel in dict.fromkeys(data.getlist("channel")) if channel in CHANNELS] or list(CHANNELS)
    return [Row(channel, data.get(f"place-{channel}", "").strip(), data.get(f"minutes-{channel}", "").strip()) for channel in order]


def written(rows: list[Row]) -> list[dict[str, Any]]:
    """The route in its written form: by place, equal places in the order shown. What is no number stays as typed."""
    used = sorted((row for row in rows if row.place), key=lambda row: small_int(row.place) or 0)
    return [{"channel": row.channel, "fallback_after_minutes": _minutes(row.minutes)} for row in used]


def _minutes(text: str) -> int | str | None:
    number = small_int(text)
    return number if number is not None else text or None
