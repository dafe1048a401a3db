"""The rules that choose a template as a table of fields, and back; and what the tester is asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from console.forms.mapping import when_from
from console.forms.typed import small_int
from templates.services.save_rules import RuleInput


def rules_from(data: Mapping[str, str]) -> list[RuleInput]:
    """The rules the form describes, in the order of their numbers. A rule without a template is left out."""
    numbers = sorted({number for name in data if name.startswith("rule-") and (number := small_int(name.split("-")[1])) is not None})
    prefixes = [f"rule-{number}" for number in numbers] + ["rule-new"]
    chosen = [prefix for prefix in prefixes if data.get(f"{prefix}-template", "")]
    ordered = sorted(chosen, key=lambda prefix: (_place(data, prefix), chosen.index(prefix)))
    return [
        RuleInput(data.get(f"{prefix}-category", ""), tags_from(data.get(f"{prefix}-tags", "")), data[f"{prefix}-template"])
        for prefix in ordered
    ]


def _place(data: Mapping[str, str], prefix: str) -> int:
    place = small_int(data.get(f"{prefix}-position", "").strip())
    return place if place is not None else 10**9


def tags_from(text: str) -> tuple[str, ...]:
    """Tags typed with commas between them."""
    return tuple(tag for tag in (piece.strip() for piece in text.split(",")) if tag)


def rows_of(rules: Sequence[RuleInput]) -> list[dict[str, Any]]:
    """One row per rule; `prefix` begins its fields' names."""
    return [
        {"prefix": f"rule-{number}", "position": number, "category": rule.category, "tags": ", ".join(rule.tags), "template": rule.template}
        for number, rule in enumerate(rules, start=1)
    ]


def labels_from(text: str) -> dict[str, str]:
    """An alert's labels typed as `label=value; label=value`."""
    return {label: ", ".join(values) for label, values in when_from(text).items() if label}
