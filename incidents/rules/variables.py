"""What templates may be filled with. A value that is not known is left out, so that the gap is marked."""

from collections.abc import Sequence
from datetime import UTC, datetime

from incidents.rules.words import Impact
from templates.rules.variables import IMPACT_WORDS, INTERNAL_ONLY


def minutes_in_words(minutes: int) -> str:
    """`90` becomes `1 hour 30 minutes`."""
    hours, rest = divmod(minutes, 60)
    parts = [(hours, "hour"), (rest, "minute")]
    return " ".join(f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in parts if count)


def names_in_words(names: Sequence[str]) -> str:
    """`A, B and C`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def values_for(
    *,
    internal: bool,
    title: str,
    severity: str,
    status: str,
    category: str,
    impact: Impact,
    started_at: datetime,
    component_names: Sequence[str],
    next_update_minutes: int | None,
) -> dict[str, str]:
    """The values for one audience. Severity and the incident's own title are for internal audiences alone."""
    values = {
        "status": status,
        "category": category.replace("_", " "),
        "impact_words": IMPACT_WORDS[impact],
        "severity": severity,
        "incident_title": title,
        "started_at_utc": _instant(started_at),
    }
    if component_names:
        values["component_names"] = names_in_words(component_names)
    if next_update_minutes:
        values["next_update_in"] = minutes_in_words(next_update_minutes)
    return values if internal else {name: value for name, value in values.items() if name not in INTERNAL_ONLY}


def holding_values(
    *, started_at: datetime, now: datetime, component_names: Sequence[str], next_update_minutes: int | None
) -> dict[str, str]:
    """The values of the closed list for holding statements. A component's name that holds double braces has them parted:
    filled-in text must never look like another place to fill in."""
    values = {"started_at_utc": _instant(started_at), "now_utc": _instant(now)}
    if component_names:
        values["component_names"] = names_in_words([_plain(name) for name in component_names])
    if next_update_minutes:
        values["next_update_in"] = minutes_in_words(next_update_minutes)
    return values


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%-d %B %Y, %H:%M} UTC"


def _plain(name: str) -> str:
    while "{{" in name or "}}" in name:
        name = name.replace("{{", "{ {").replace("}}", "} }")
    return " ".join(name.split())
