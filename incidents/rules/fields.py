"""What an incident's own fields may hold."""

from collections.abc import Mapping
from enum import StrEnum

from incidents.rules.words import Category, Impact, Severity, Stage

LONGEST_TITLE = 200
WORDS: dict[str, type[StrEnum]] = {"severity": Severity, "impact": Impact, "stage": Stage, "category": Category}


def incident_problems(given: Mapping[str, object]) -> dict[str, list[str]]:
    """Sentences per field at fault, of those given."""
    found = {}
    for name, words in WORDS.items():
        if name in given and given[name] not in list(words):
            found[name] = [f"“{given[name]}” is not known; use one of {', '.join(words)}."]
    if "title" in given:
        title = str(given["title"])
        if not title or len(title) > LONGEST_TITLE:
            found["title"] = [f"Give 1 to {LONGEST_TITLE} characters; these are {len(title)}."]
        elif not title.isprintable():
            found["title"] = ["One line without control characters."]
    return found
