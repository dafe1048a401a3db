"""The filter of an audience as fields: the editor of conditions (policy_condition.py) with the register's words."""

from collections.abc import Mapping
from typing import Any

from console.forms.policy_condition import Node, Vocabulary, tree_of, written
from stakeholders.rules.filters import FACTS, KNOWN_WORDS, LISTS, as_json, ops_of, without_colleagues_part
from stakeholders.rules.reading_filters import read_filter

LABELS = {
    "tier": "Tier",
    "component": "Component it depends on",
    "region": "Region",
    "kind": "What it is",
    "language": "Language",
    "tag": "Tag",
}
_SAID = {"in": "is one of", "not_in": "is none of", "includes_any": "is any of", "includes_all": "is all of"}
_EMPTY = [("empty", "is not given"), ("filled", "is given")]


def _operators(fact: str) -> list[tuple[str, str]]:
    return [pair for op in ops_of(fact) for pair in (_EMPTY if op == "is_empty" else [(op, _SAID[op])])]


REGISTER = Vocabulary(
    labels=LABELS,
    words=KNOWN_WORDS,
    operators={fact: _operators(fact) for fact in FACTS},
    # Typed, with commas between: the register has words of its own for them.
    lists=frozenset({"region", "language", *LISTS}),
    root="filter",
    opening="Everyone belongs of whom",
)
FACT_GROUPS = (("Of the entry", [(fact, LABELS[fact]) for fact in FACTS]),)


def tree_of_filter(stored: Mapping[str, Any] | None) -> Node:
    """The stored filter as fields; what the database asks of internal audiences is not among them."""
    shown = without_colleagues_part(read_filter(stored)) if stored is not None else None
    return tree_of(as_json(shown), REGISTER) if shown is not None else Node(vocabulary=REGISTER)


def filter_written(tree: Node) -> dict[str, Any] | None:
    """What the fields say in its written form; no condition is no filter."""
    return written(tree) if tree.parts else None
