"""Reading `then`: what follows when the rule decides. All times are whole minutes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from policies.rules.decision import ALWAYS_REVIEWED, Consequences, Outcome, ReviewKind
from policies.rules.facts import KNOWN_WORDS
from policies.rules.problems import Found
from policies.rules.reading_conditions import KEY
from policies.rules.urgency import Urgency

WEEK_IN_MINUTES = 7 * 24 * 60
PROMISING = tuple(status for status in KNOWN_WORDS["status"] if status != "resolved")
NEEDED = ("outcome", "cadence", "reviews", "audiences", "publishes_watching")
_EMBARGO_PARTS = frozenset({"minutes_after_opening", "until", "audiences"})


def read_consequences(data: Any, found: Found) -> Consequences | None:
    """The consequences, or `None` with every problem added to `found`."""
    if not isinstance(data, dict) or not set(NEEDED) <= set(data) or not set(data) <= set(PARTS):
        found.add("then", f"then must have the parts {', '.join(NEEDED)} and may have {', '.join(p for p in PARTS if p not in NEEDED)}.")
        return None
    before = len(found.problems)
    for part, value in data.items():
        is_good, cure = PARTS[part]
        if not is_good(value):
            found.add(f"then.{part}", cure)
    return Consequences.from_json(data) if len(found.problems) == before else None


def is_minutes(value: Any) -> bool:
    """Whole minutes, from one to a week."""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= WEEK_IN_MINUTES


def _is_cadence(value: Any) -> bool:
    return isinstance(value, dict) and all(status in PROMISING and is_minutes(minutes) for status, minutes in value.items())


def _is_keys(value: Any) -> bool:
    return isinstance(value, list) and all(_is_key(key) for key in value) and len(set(value)) == len(value)


def _is_key(value: Any) -> bool:
    return isinstance(value, str) and KEY.fullmatch(value) is not None


def _is_reviews(value: Any) -> bool:
    if not isinstance(value, list) or not all(isinstance(item, dict) and set(item) == {"kind", "window_minutes"} for item in value):
        return False
    kinds = [item["kind"] for item in value]
    if not all(isinstance(kind, str) and kind in set(ReviewKind) for kind in kinds):
        return False
    return (
        len(set(kinds)) == len(kinds) and set(ALWAYS_REVIEWED) <= set(kinds) and all(is_minutes(item["window_minutes"]) for item in value)
    )


def _is_bounds(value: Any) -> bool:
    return value is None or (isinstance(value, list) and len(value) == 2 and all(map(is_minutes, value)) and value[0] <= value[1])


def _is_long(value: Any) -> bool:
    if value is None:
        return True
    return (
        isinstance(value, dict)
        and set(value) == {"after_minutes", "cadence"}
        and is_minutes(value["after_minutes"])
        and bool(value["cadence"])
        and _is_cadence(value["cadence"])
    )


def _is_embargo(value: Any) -> bool:
    if value is None:
        return True
    if not isinstance(value, dict) or not set(value) <= _EMBARGO_PARTS or not _is_keys(value.get("audiences", [])):
        return False
    minutes, until = value.get("minutes_after_opening"), value.get("until")
    if (minutes is None) == (until is None):
        return False
    return is_minutes(minutes) if until is None else is_instant(until)


def is_instant(value: Any) -> bool:
    """An instant in ISO 8601 with its zone, for instance `2026-03-02T14:30:00Z`."""
    try:
        return isinstance(value, str) and len(value) <= 40 and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


_MINUTES_CURE = f"must be whole minutes from 1 to {WEEK_IN_MINUTES}."
_KEYS_CURE = "each once."
# Part -> its test, and what to say when it fails.
PARTS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "outcome": (lambda value: isinstance(value, str) and value in set(Outcome), "the outcome must be required, optional or none."),
    "cadence": (_is_cadence, f"cadence gives whole minutes (1 to {WEEK_IN_MINUTES}) for any of {', '.join(PROMISING)}."),
    "reviews": (
        _is_reviews,
        (
            "reviews must give each of technical, communications once and may add legal and public_relations once, "
            "with window_minutes in whole minutes."
        ),
    ),
    "audiences": (_is_keys, f"audiences must list the keys of audiences, {_KEYS_CURE}"),
    "publishes_watching": (_is_bool, "publishes_watching must be true or false."),
    "cadence_by_audience": (
        lambda value: isinstance(value, dict) and all(_is_key(key) and _is_cadence(cadence) for key, cadence in value.items()),
        f"cadence_by_audience gives for the key of an audience whole minutes for any of {', '.join(PROMISING)}.",
    ),
    "long_incident": (
        _is_long,
        f"long_incident must give after_minutes and a cadence for at least one of {', '.join(PROMISING)}, in whole minutes; or be null.",
    ),
    "promise_bounds": (_is_bounds, "promise_bounds must be the fewest and the most whole minutes, for instance [10, 240]; or null."),
    "watching_audiences": (_is_keys, f"watching_audiences must list the keys of audiences, {_KEYS_CURE}"),
    "training_required": (_is_bool, "training_required must be true or false."),
    "forbidden_channels": (_is_keys, "forbidden_channels must list channels, for instance email or sms, each once."),
    "embargo": (
        _is_embargo,
        (
            "embargo must give either minutes_after_opening (whole minutes) or until (an instant such as 2026-03-02T14:30:00Z), "
            "and may list audiences; or be null."
        ),
    ),
    "required_templates": (
        lambda value: isinstance(value, dict) and all(_is_key(key) and _is_key(name) for key, name in value.items()),
        "required_templates must give for the key of an audience the key of a template.",
    ),
    "arbiter_minutes": (is_minutes, f"arbiter_minutes {_MINUTES_CURE}"),
    "override_fills_legal": (_is_bool, "override_fills_legal must be true or false."),
    "ratify_within_minutes": (is_minutes, f"ratify_within_minutes {_MINUTES_CURE}"),
    "late_bound_minutes": (is_minutes, f"late_bound_minutes {_MINUTES_CURE}"),
    "urgency": (
        lambda value: value is None or (isinstance(value, str) and value in set(Urgency)),
        f"urgency must be one of {', '.join(Urgency)}; or be null, and the incident's facts say how urgent it is.",
    ),
}
