"""The JSON Schema (draft 2020-12) of a policy's written form, for editors and programs outside.

What a schema cannot say, `document.parse` says: each key once, the last rule and only it without condition.
"""

from typing import Any

from policies.rules.conditions import ops_of
from policies.rules.decision import Outcome, ReviewKind
from policies.rules.document import LONGEST_WORDS, MOST_RULES
from policies.rules.facts import KNOWN_WORDS, LISTS, NUMBERS, YES_OR_NO
from policies.rules.reading_conditions import JURISDICTION, KEY, MOST_COMPARISONS, MOST_MINUTES, MOST_VALUES
from policies.rules.reading_consequences import NEEDED, PROMISING, WEEK_IN_MINUTES
from policies.rules.urgency import Urgency

_SEVERAL = ("in", "not_in", "includes_any", "includes_all")


def policy_schema() -> dict[str, Any]:
    """The schema as a JSON value."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Communication policy",
        "description": "Rules read from the top; the first whose `when` holds decides. The last rule has no condition.",
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_RULES,
        "items": {"$ref": "#/$defs/rule"},
        "$defs": {
            "key": {"type": "string", "pattern": f"^{KEY.pattern}$"},
            "keys": {"type": "array", "items": {"$ref": "#/$defs/key"}, "uniqueItems": True},
            "minutes": {"type": "integer", "minimum": 1, "maximum": WEEK_IN_MINUTES},
            "cadence": _cadence(),
            "rule": _rule(),
            "condition": _condition(),
            "then": _then(),
        },
    }


def _rule() -> dict[str, Any]:
    return _object(
        {
            "key": {"$ref": "#/$defs/key"},
            "words": {"type": "string", "minLength": 1, "maxLength": LONGEST_WORDS, "pattern": r"\S"},
            "when": {"$ref": "#/$defs/condition"},
            "then": {"$ref": "#/$defs/then"},
        },
        needed=("key", "words", "when", "then"),
    )


def _condition() -> dict[str, Any]:
    some = {"type": "array", "items": {"$ref": "#/$defs/condition"}, "maxItems": MOST_COMPARISONS}
    shorthand = {
        name: {"type": "boolean"} if name in YES_OR_NO else _minutes_asked() if name in NUMBERS else _words(name)
        for name in (*KNOWN_WORDS, *YES_OR_NO, *NUMBERS, *LISTS)
    }
    return {
        "description": "`{}` is always. A tree of all, any, not and comparisons; or facts with their values, all of which must hold.",
        "anyOf": [
            _object({"all": some}, needed=("all",)),
            _object({"any": some | {"minItems": 1}}, needed=("any",)),
            _object({"not": {"$ref": "#/$defs/condition"}}, needed=("not",)),
            *(_comparison(name, op) for name in shorthand for op in ops_of(name)),
            _object(shorthand),
        ],
    }


def _comparison(name: str, op: str) -> dict[str, Any]:
    if op == "is_empty" or name in YES_OR_NO:
        value: dict[str, Any] = {"type": "boolean"}
    elif name in NUMBERS:
        value = _minutes_asked()
    else:
        value = _words(name) if op in _SEVERAL else _word(name)
    return _object({"fact": {"const": name}, "op": {"const": str(op)}, "value": value}, needed=("fact", "op", "value"))


def _then() -> dict[str, Any]:
    review = _object(
        {"kind": {"enum": [kind.value for kind in ReviewKind]}, "window_minutes": {"$ref": "#/$defs/minutes"}},
        needed=("kind", "window_minutes"),
    )
    long = _object(
        {"after_minutes": {"$ref": "#/$defs/minutes"}, "cadence": {"$ref": "#/$defs/cadence", "minProperties": 1}},
        needed=("after_minutes", "cadence"),
    )
    embargo = _object(
        {
            "minutes_after_opening": {"anyOf": [{"$ref": "#/$defs/minutes"}, {"type": "null"}]},
            "until": {"anyOf": [{"type": "string", "format": "date-time", "maxLength": 40}, {"type": "null"}]},
            "audiences": {"$ref": "#/$defs/keys"},
        }
    )
    bounds = {"type": "array", "prefixItems": [{"$ref": "#/$defs/minutes"}] * 2, "minItems": 2, "maxItems": 2}
    return _object(
        {
            "outcome": {"enum": [outcome.value for outcome in Outcome]},
            "cadence": {"$ref": "#/$defs/cadence"},
            "reviews": {"type": "array", "items": review, "uniqueItems": True, "allOf": [_has("technical"), _has("communications")]},
            "audiences": {"$ref": "#/$defs/keys"},
            "publishes_watching": {"type": "boolean"},
            "cadence_by_audience": _by_key({"$ref": "#/$defs/cadence"}),
            "long_incident": _or_null(long),
            "promise_bounds": _or_null(bounds),
            "watching_audiences": {"$ref": "#/$defs/keys"},
            "training_required": {"type": "boolean", "default": True},
            "forbidden_channels": {"$ref": "#/$defs/keys"},
            "embargo": _or_null(embargo),
            "required_templates": _by_key({"$ref": "#/$defs/key"}),
            "arbiter_minutes": {"$ref": "#/$defs/minutes"},
            "override_fills_legal": {"type": "boolean"},
            "ratify_within_minutes": {"$ref": "#/$defs/minutes"},
            "late_bound_minutes": {"$ref": "#/$defs/minutes"},
            "urgency": {"enum": [*(urgency.value for urgency in Urgency), None], "default": None},
        },
        needed=NEEDED,
    )


def _object(properties: dict[str, Any], needed: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(needed), "additionalProperties": False}


def _cadence() -> dict[str, Any]:
    return _object({status: {"$ref": "#/$defs/minutes"} for status in PROMISING})


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _by_key(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "propertyNames": {"$ref": "#/$defs/key"}, "additionalProperties": schema}


def _has(kind: str) -> dict[str, Any]:
    return {"contains": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "minContains": 1, "maxContains": 1}


def _minutes_asked() -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "maximum": MOST_MINUTES}


def _word(name: str) -> dict[str, Any]:
    if name in KNOWN_WORDS:
        return {"enum": list(KNOWN_WORDS[name])}
    return {"type": "string", "pattern": f"^{JURISDICTION.pattern}$"} if name == "jurisdictions" else {"$ref": "#/$defs/key"}


def _words(name: str) -> dict[str, Any]:
    return {"type": "array", "items": _word(name), "minItems": 1, "maxItems": MOST_VALUES}
