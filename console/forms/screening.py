"""A rule set as a table of fields, and back."""

from collections.abc import Mapping
from typing import Any

from console.forms.typed import small_int

PARTS = ("kind", "term", "severity", "message", "safer")
# More rows than these are not read from a form; the rule set's own limit is lower.
MOST_ROWS = 1000


def rows_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row per term; `prefix` begins its fields' names, `place` is how a refusal names it."""
    return [
        {
            "prefix": f"term-{number}",
            "place": f"terms.{number + 1}",
            "audiences": " ".join(term["audiences"]),
            **{part: term[part] for part in PARTS},
        }
        for number, term in enumerate(document["terms"])
    ]


def lines_of(document: Mapping[str, Any]) -> dict[str, str]:
    """What is allowed, one entry a line."""
    return {name: "\n".join(values) for name, values in document["allow"].items()}


def document_from(data: Mapping[str, str]) -> dict[str, Any]:
    """The document that the form describes. A row without a term is left out; a new one comes last."""
    named = (small_int(name[5:-5]) for name in data if name.startswith("term-") and name.endswith("-term"))
    numbers = sorted(number for number in named if number is not None)[:MOST_ROWS]
    prefixes = [f"term-{number}" for number in numbers] + ["term-new"]
    terms = [_term(data, prefix) for prefix in prefixes if data.get(f"{prefix}-term", "").strip()]
    allow = {name: _lines(data.get(f"allow-{name}", "")) for name in ("suffixes", "ranges", "terms")}
    return {"terms": terms, "allow": allow}


def _term(data: Mapping[str, str], prefix: str) -> dict[str, Any]:
    term: dict[str, Any] = {part: data.get(f"{prefix}-{part}", "").strip() for part in PARTS}
    return term | {"audiences": data.get(f"{prefix}-audiences", "").replace(",", " ").split()}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
