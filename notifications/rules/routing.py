"""By which channels an audience is told, by how urgent it is: the routing matrix.

A route is an ordered list of steps. Each person is told by the first channel for which they have an address; where nothing was taken
over within `fallback_after` minutes, by the next one for which they have one too. Surfaces (a page, the dashboard) show it to whoever
looks; they need no address and take nobody's turn.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from policies.rules.urgency import Urgency
from stakeholders.rules.channel_words import channel_words
from stakeholders.rules.kinds import ContactKind

PERSONAL = tuple(kind.value for kind in ContactKind)
DASHBOARD = "dashboard"
PAGE = "page"
# There is one public page; `page:KEY` leaves room for more.
SURFACES = (f"{PAGE}:public", DASHBOARD)
CHANNELS = (*PERSONAL, *SURFACES)
LONGEST_FALLBACK = 24 * 60


@dataclass(frozen=True)
class Step:
    """One channel of a route. `fallback_after`: minutes without acceptance after which the next one is used; `None`: never."""

    channel: str
    fallback_after: int | None = None

    @property
    def is_surface(self) -> bool:
        """Whether it is looked at rather than received."""
        return self.channel in SURFACES


@dataclass(frozen=True)
class Route:
    """The steps for one urgency and one audience; `audience` `None` is for every audience that has none of its own."""

    urgency: str
    audience: str | None
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Way:
    """What of a route one update uses. `left_out` says of every channel of the route that is not used why, in words."""

    steps: tuple[Step, ...]
    surfaces: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The channels to people, in their order."""
        return tuple(step.channel for step in self.steps)


class InvalidRoute(ValueError):
    """What was written is no route; `problems` are sentences."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__(" ".join(problems))


def route(urgency: str, audience: str, rules: Iterable[Route]) -> tuple[Step, ...]:
    """The audience's own steps at this urgency, else those of every audience, else none."""
    found = {rule.audience: rule.steps for rule in rules if rule.urgency == urgency}
    return found.get(audience, found.get(None, ()))


def usable(steps: Sequence[Step], *, approved: Collection[str], forbidden: Collection[str], carried: Collection[str]) -> Way:
    """What of the route may be used: what the reviewers approved, the policy does not forbid and some provider carries.

    The matrix orders and narrows what was approved, and never widens it. `approved` and `forbidden` are channels as content names
    them (`page` for every page). The last channel left has nothing to fall back to.
    """
    personal: list[Step] = []
    surfaces: list[str] = []
    left_out: list[tuple[str, str]] = []
    for step in steps:
        name = content_name(step.channel)
        if name in forbidden:
            left_out.append((step.channel, "the policy forbids it"))
        elif name not in approved:
            left_out.append((step.channel, "the update does not name it"))
        elif step.is_surface:
            surfaces.append(step.channel)
        elif step.channel not in carried:
            left_out.append((step.channel, "no provider is set up for it"))
        else:
            personal.append(step)
    if personal:
        personal[-1] = Step(personal[-1].channel)
    return Way(tuple(personal), tuple(surfaces), tuple(left_out))


def content_name(channel: str) -> str:
    """The channel as an update's content names it: `page` for every page."""
    return channel.partition(":")[0]


def read_steps(data: Any) -> tuple[Step, ...]:
    """A written route: `[{"channel": "email", "fallback_after_minutes": 10}, {"channel": "sms"}, {"channel": "page:public"}]`.

    Raises `InvalidRoute` with every problem found.
    """
    if not isinstance(data, list):
        raise InvalidRoute(["A route is a list of channels."])
    problems: list[str] = []
    steps = [step for item in data if (step := _read(item, problems)) is not None]
    channels = [step.channel for step in steps]
    problems += [f"{_capital(channel)} is named twice." for channel in dict.fromkeys(channels) if channels.count(channel) > 1]
    personal = [step for step in steps if not step.is_surface]
    if personal and personal[-1].fallback_after is not None:
        problems.append(
            f"Nothing follows {channel_said(personal[-1].channel)} that it could fall back to: leave its minutes empty, or add a channel."
        )
    if problems:
        raise InvalidRoute(problems)
    return tuple(steps)


def as_json(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The written form."""
    return [{"channel": step.channel, "fallback_after_minutes": step.fallback_after} for step in steps]


def _read(item: Any, problems: list[str]) -> Step | None:
    if not isinstance(item, dict) or not {"channel"} <= set(item) <= {"channel", "fallback_after_minutes"}:
        problems.append("A step has a channel, and may have fallback_after_minutes.")
        return None
    channel, minutes = item["channel"], item.get("fallback_after_minutes")
    if not isinstance(channel, str) or channel not in CHANNELS:
        problems.append(f"There is no channel “{str(channel)[:64]}”; use {', '.join(CHANNELS)}.")
        return None
    if minutes is None:
        return Step(channel)
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not 1 <= minutes <= LONGEST_FALLBACK:
        problems.append(f"{_capital(channel)}: give whole minutes from 1 to {LONGEST_FALLBACK}, or none.")
        return None
    if channel in SURFACES:
        problems.append(f"{_capital(channel)} is looked at and not received: nothing falls back from it.")
        return None
    return Step(channel, minutes)


URGENCIES = tuple(urgency.value for urgency in Urgency)


def channel_said(channel: str) -> str:
    """The channel inside a sentence: `e-mail`, `the public page`. One that is of older days and known no more is spelt out."""
    words = channel_words(content_name(channel))
    return f"the {words}" if channel in SURFACES else words


def _capital(channel: str) -> str:
    said = channel_said(channel)
    return said[0].upper() + said[1:]


def in_words(steps: Sequence[Step]) -> str:
    """What will happen, in sentences."""
    personal = [step for step in steps if not step.is_surface]
    said = []
    if len(personal) == 1:
        said.append(f"By {channel_said(personal[0].channel)} alone.")
    elif personal:
        said.append(
            f"By the first of these that a person has an address for: {', '.join(channel_said(step.channel) for step in personal)}."
        )
    said += [
        f"What {channel_said(step.channel)} has not taken over within {step.fallback_after} min goes by the next of them too."
        for step in personal
        if step.fallback_after is not None
    ]
    shown = [channel_said(step.channel) for step in steps if step.is_surface]
    if shown:
        said.append(f"Shown on {' and '.join(shown)}.")
    return " ".join(said) or "Nobody is told by any channel."
