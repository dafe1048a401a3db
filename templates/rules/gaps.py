"""What stands where a template could not be filled: a mark that says in a person's words what belongs there."""

import re

GAP_WORDS: dict[str, str] = {
    "component_names": "names of the affected components",
    "impact_words": "what readers notice",
    "started_at_utc": "when it was noticed",
    "now_utc": "when this is released",
    "next_update_in": "time until the next update",
    "status": "status of the update",
    "category": "category of the incident",
    "severity": "severity of the incident",
    "incident_title": "title of the incident",
}
UNFILLED_MARK = re.compile(r"\[\[fill in: ([^\[\]\r\n]*)\]\]")


def gap_words(name: str) -> str:
    """What a person reads for the variable; a name we have no words for, and what a person wrote, stays as it is."""
    return GAP_WORDS.get(name, name)


def gap_mark(name: str) -> str:
    """`[[fill in: names of the affected components]]`, for a person to replace."""
    return f"[[fill in: {gap_words(name)}]]"


def unfilled(text: str) -> list[str]:
    """What is still marked to be filled in, each once, in order of appearance, as it stands in the mark."""
    return list(dict.fromkeys(UNFILLED_MARK.findall(text)))
