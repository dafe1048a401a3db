"""What must hold for the plain fields of a stakeholder."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import time

from stakeholders.rules.kinds import StakeholderKind, Tier
from stakeholders.rules.languages import is_language, is_time_zone

# A name may stand in the header of a message, where a line end would begin another header.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_TIME = re.compile(r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9]")
MOST_TAGS = 40


def _one_line(text: str, *, least: int, most: int) -> bool:
    return least <= len(text.strip()) and len(text) <= most and not _CONTROL.search(text.strip())


CHECKS: dict[str, tuple[Callable[[str], bool], str]] = {
    "external_id": (lambda text: _one_line(text, least=0, most=128), "Give the identifier in at most 128 characters, on one line."),
    "kind": (lambda text: text in set(StakeholderKind), f"Choose one of {', '.join(StakeholderKind)}."),
    "name": (lambda text: _one_line(text, least=1, most=200), "Give a name of 1 to 200 characters, on one line."),
    "time_zone": (is_time_zone, "Give an IANA time zone, for instance Europe/Berlin."),
    "language": (lambda text: len(text) <= 12 and is_language(text), "Give a language tag, for instance en or pt-BR."),
    "tier": (lambda text: text in {"", *Tier}, f"Choose one of {', '.join(Tier)}, or leave it empty."),
    "contract": (lambda text: _one_line(text, least=0, most=200), "Give the contract in at most 200 characters, on one line."),
    "region": (lambda text: not text or is_slug(text), "Give a region in lower-case letters, digits and hyphens, for instance eu-west."),
    "quiet_from": (lambda text: not text or is_local_time(text), "Give a time of day, for instance 22:00."),
    "quiet_until": (lambda text: not text or is_local_time(text), "Give a time of day, for instance 07:00."),
}


def is_slug(text: str) -> bool:
    """Lower-case letters, digits and single hyphens, at most 64 characters."""
    return len(text) <= 64 and _SLUG.fullmatch(text) is not None


def is_local_time(text: str) -> bool:
    """A time of day in hours and minutes."""
    return _TIME.fullmatch(text) is not None


def local_time(text: str) -> time | None:
    """The time of day; none for an empty text. Raises `ValueError` for anything else."""
    if not text:
        return None
    hours, _, minutes = text.partition(":")
    return time(int(hours), int(minutes))


def problems_of(values: Mapping[str, str]) -> dict[str, list[str]]:
    """Every field at fault among those given, with its cure."""
    found = {name: [cure] for name, (holds, cure) in CHECKS.items() if name in values and not holds(values[name])}
    start, end = values.get("quiet_from"), values.get("quiet_until")
    if start is not None and end is not None and not {"quiet_from", "quiet_until"} & found.keys():
        if bool(start) != bool(end):
            found["quiet_from" if not start else "quiet_until"] = ["Give both ends of the quiet hours, or neither."]
        elif start and local_time(start) == local_time(end):
            found["quiet_until"] = ["Quiet hours end at another time than they begin."]
    return found


def tag_problems(tags: Sequence[str]) -> list[str]:
    """What is wrong with a list of tags."""
    if wrong := [tag for tag in tags if not is_slug(tag)]:
        return [f"“{wrong[0][:64]}” is no tag: use lower-case letters, digits and hyphens."]
    return [f"Give at most {MOST_TAGS} tags."] if len(tags) > MOST_TAGS else []
