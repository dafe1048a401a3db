"""The closed list of what a template may ask for, with the exact form of each value."""

from templates.rules.render import placeholders

VARIABLES: dict[str, str] = {
    "component_names": "Names of the affected components, for instance “Checkout and Search”.",
    "impact_words": "What readers notice, as a whole sentence.",
    "started_at_utc": "When the incident was noticed, with the zone, for instance “2 March 2026, 14:00 UTC”.",
    "next_update_in": "Time until the next update, for instance “30 minutes”.",
    "status": "The update's status, for instance “investigating”.",
    "category": "The incident's category, for instance “network”.",
    "severity": "The internal severity, for instance “SEV1”. Internal audiences only.",
    "incident_title": "The internal title. Internal audiences only.",
}
INTERNAL_ONLY = frozenset({"severity", "incident_title"})

# The sentence for each impact, for `impact_words`: what is known from the impact alone, and no more.
IMPACT_WORDS: dict[str, str] = {
    "none": "The service continues to work.",
    "minor": "Some functions may be slow or may not work as expected.",
    "major": "Important functions are slow or fail.",
    "critical": "The service is unavailable, or fails for most requests.",
}


def problems_of(text: str, *, internal: bool) -> list[str]:
    """Sentences about placeholders that this text may not use; an empty list when it is fine."""
    found = []
    for name in placeholders(text):
        if name not in VARIABLES:
            found.append(f"There is no variable “{name}”. Use one of {', '.join(VARIABLES)}.")
        elif name in INTERNAL_ONLY and not internal:
            found.append(f"“{name}” is internal and must not reach this audience: remove it.")
    return found
