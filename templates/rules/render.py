"""Filling in a template: plain substitution over a flat dict of strings.

`{{ name }}` is replaced by the value of that name. There is no attribute access, no expression, no second pass: braces
inside a value stay text. What has no value is marked for a person to fill in.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from templates.rules.gaps import gap_mark

_PLACEHOLDER = re.compile(r"\{\{[ \t]*([^{}\[\]\r\n]*?)[ \t]*\}\}")


@dataclass(frozen=True)
class Rendered:
    """The text, and the names that had no value, each once, in order of appearance."""

    text: str
    missing: tuple[str, ...]


def render(text: str, values: Mapping[str, str]) -> Rendered:
    """Replaces every placeholder by its value; one without a value, or with a blank one, becomes a mark
    that says what belongs there (`gap_mark`)."""
    missing: dict[str, None] = {}

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        value = values.get(name, "")
        if value.strip():
            return value
        missing[name] = None
        return gap_mark(name)

    return Rendered(_PLACEHOLDER.sub(fill, text), tuple(missing))


def placeholders(text: str) -> list[str]:
    """The names a template asks for, each once, in order of appearance."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))
