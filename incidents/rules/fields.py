"""What an incident's own fields may hold."""

import re
from collections.abc import Collection, Mapping
from enum import StrEnum

from incidents.rules.words import Category, Impact, OutageScope, Severity, Stage

LONGEST_TITLE = 200
LONGEST_REASON = 300
MOST_WORDS = 20
WORDS: dict[str, type[StrEnum]] = {"severity": Severity, "impact": Impact, "stage": Stage, "category": Category}
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
LISTS: dict[str, tuple[re.Pattern[str], str]] = {
    "tags": (_SLUG, "lower-case letters, digits, hyphens and underscores, at most 40"),
    "regulatory_flags": (_SLUG, "lower-case letters, digits, hyphens and underscores, at most 40"),
    "jurisdictions": (_JURISDICTION, "ISO 3166 codes, for instance DE or US-CA"),
}
# What these say, a lawyer has to take back.
FLAGS = frozenset({"data_breach", "regulated_system", "regulatory_flags"})


def incident_problems(given: Mapping[str, object]) -> dict[str, list[str]]:
    """Sentences per field at fault, of those given."""
    found = {}
    for name, words in WORDS.items():
        if name in given and given[name] not in list(words):
            found[name] = [f"“{given[name]}” is not known; use one of {', '.join(words)}."]
    for name, (pattern, allowed) in LISTS.items():
        if name in given and (said := _list_problem(given[name], pattern, allowed)):
            found[name] = [said]
    if (scope := given.get("outage_scope")) is not None and scope not in set(OutageScope):
        found["outage_scope"] = [
            f"“{scope}” is not known; use one of {', '.join(OutageScope)}, or none at all to let the components decide."
        ]
    if "title" in given:
        title = str(given["title"])
        if not title or len(title) > LONGEST_TITLE:
            found["title"] = [f"Give 1 to {LONGEST_TITLE} characters; these are {len(title)}."]
        elif not title.isprintable():
            found["title"] = ["One line without control characters."]
    return found


def unflags(name: str, before: object, after: object) -> bool:
    """Whether the change takes a flag off: a data breach, a regulated system or one of the regulatory flags."""
    if name == "regulatory_flags" and isinstance(before, Collection) and isinstance(after, Collection):
        return bool(set(before) - set(after))
    return name in FLAGS and before is True and after is False


def tidy(values: Collection[str]) -> list[str]:
    """Each once, in order."""
    return sorted({value.strip() for value in values})


def _list_problem(values: object, pattern: re.Pattern[str], allowed: str) -> str:
    if not isinstance(values, list | tuple) or any(not isinstance(value, str) for value in values):
        return "Give a list of words."
    if len(values) > MOST_WORDS:
        return f"At most {MOST_WORDS}; these are {len(values)}."
    wrong = [value for value in values if not pattern.fullmatch(value)]
    return f"“{wrong[0]}” cannot be used: each is {allowed}." if wrong else ""
