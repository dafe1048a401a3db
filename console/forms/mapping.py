"""A mapping as a table of fields, and back."""

from collections.abc import Mapping
from typing import Any

from console.forms.typed import small_int

FACTS = ("severity", "stage", "impact", "category")


def rows_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row per rule, with its condition written `label=value, value; label=value`; `prefix` begins its fields' names."""
    rows = [
        {"prefix": f"rule-{number}", "key": rule["key"], "when": when_text(rule["when"]), "then": rule["then"], "is_last": False}
        for number, rule in enumerate(document["rules"])
    ]
    if rows:
        rows[-1]["is_last"] = True
    return rows


def when_text(when: Mapping[str, list[str]]) -> str:
    """A condition in one line."""
    return "; ".join(f"{label}={', '.join(values)}" for label, values in when.items())


def when_from(text: str) -> dict[str, list[str]]:
    """The condition that the line says. A part without “=” becomes a label without values, which saving refuses by name."""
    found: dict[str, list[str]] = {}
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        label, _, values = part.partition("=")
        found[label.strip()] = [value.strip() for value in values.split(",") if value.strip()]
    return found


def document_from(data: Mapping[str, str]) -> dict[str, Any]:
    """The document that the form describes. A rule without a name is left out; a new one comes before the last."""
    named = (small_int(name[5:-4]) for name in data if name.startswith("rule-") and name.endswith("-key"))
    numbers = sorted(number for number in named if number is not None)
    rules = [_rule(data, f"rule-{number}") for number in numbers if data.get(f"rule-{number}-key", "").strip()]
    if data.get("rule-new-key", "").strip():
        rules.insert(max(len(rules) - 1, 0), _rule(data, "rule-new"))
    return {"component_label": data.get("component_label", "").strip(), "rules": rules}


def _rule(data: Mapping[str, str], prefix: str) -> dict[str, Any]:
    then: dict[str, Any] = {name: data.get(f"{prefix}-{name}", "") for name in FACTS}
    then["customer_facing"] = f"{prefix}-customer_facing" in data
    if tags := [tag for tag in (piece.strip() for piece in data.get(f"{prefix}-tags", "").split(",")) if tag]:
        then["tags"] = tags
    return {"key": data[f"{prefix}-key"].strip(), "when": when_from(data.get(f"{prefix}-when", "")), "then": then}
