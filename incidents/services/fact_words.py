"""A change of facts as the timeline and the decision tell it."""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import User
from incidents.models import Incident


def in_words(before: Mapping[str, Any], incident: Incident, changed: Sequence[str]) -> str:
    """`severity SEV2 → SEV1, tags none → payments`; what `before` does not hold is only named."""
    parts = [
        f"{name.replace('_', ' ')} {_word(before[name])} → {_word(getattr(incident, name))}" if name in before else f"{name} changed"
        for name in changed
    ]
    return ", ".join(parts)


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the log keeps them."""
    return {name: str(value.pk) if isinstance(value, User) else value for name, value in values.items()}


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(value) or "none"
    return value.get_full_name() if isinstance(value, User) else str(value or "nobody")
