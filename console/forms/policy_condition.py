"""A condition as fields, and back; whose facts they are says a `Vocabulary` (the policy's, unless another is given).

Groups of comparisons, each with a number of parts, are named by where they stand.

A group's fields begin with its place: `c-join` and `c-parts` for the outermost, `c.0-…` for its first part. *None of these* and
*not all of these* are groups too, so that *not* needs no form of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from console.forms.typed import small_int
from policies.rules.conditions import ORDER, Op, ops_of
from policies.rules.facts import KNOWN_WORDS, LISTS, NUMBERS, YES_OR_NO
from policies.rules.reading_conditions import DEEPEST, MOST_COMPARISONS

JOINS = {
    "all": "all of these hold",
    "any": "at least one of these holds",
    "none": "none of these holds",
    "not_all": "not all of these hold",
}
# A choice of operator in the form -> operator and, where the operator takes yes or no, that value.
OPERATORS: dict[str, tuple[Op, bool | None]] = {
    "in": (Op.IN, None),
    "not_in": (Op.NOT_IN, None),
    "at_least": (Op.AT_LEAST, None),
    "at_most": (Op.AT_MOST, None),
    "is": (Op.IS, None),
    "is_not": (Op.IS_NOT, None),
    "includes_any": (Op.INCLUDES_ANY, None),
    "includes_all": (Op.INCLUDES_ALL, None),
    "empty": (Op.IS_EMPTY, True),
    "filled": (Op.IS_EMPTY, False),
}
_WORDS = {
    "word": {"in": "is one of", "not_in": "is none of", "at_least": "is at least as bad as", "at_most": "is at most as bad as"},
    "number": {
        "at_least": "at least",
        "at_most": "at most",
        "is": "exactly",
        "is_not": "not exactly",
        "empty": "unknown",
        "filled": "known",
    },
    "list": {"includes_any": "include any of", "includes_all": "include all of", "empty": "are empty", "filled": "are not empty"},
}
FACT_LABELS = {
    "severity": "Severity",
    "impact": "Impact",
    "stage": "Stage",
    "status": "Status",
    "category": "Category",
    "outage_scope": "Outage scope",
    "customer_facing": "Customers can notice it",
    "restricted": "Restricted",
    "data_breach": "Flagged as a data breach",
    "regulated_system": "A regulated system is affected",
    "elapsed_minutes": "Minutes since it was opened",
    "expected_minutes": "Minutes until it is expected to be resolved",
    "tags": "Tags",
    "components": "Components affected",
    "depended_on_by": "Audiences that depend on it",
    "regulatory_flags": "Regulatory flags",
    "jurisdictions": "Jurisdictions",
}


@dataclass(frozen=True)
class Vocabulary:
    """What may be asked. `words` are those to tick, `operators` per fact the choices and how they read; `root` begins each path."""

    labels: Mapping[str, str]
    words: Mapping[str, tuple[str, ...]]
    operators: Mapping[str, list[tuple[str, str]]]
    lists: frozenset[str]
    root: str = "when"
    opening: str = "Applies when"


def _policy_operators(fact: str) -> list[tuple[str, str]]:
    """Of words *is* and *is not* are *one of* and *none of* a single one."""
    kind = "number" if fact in NUMBERS else "list" if fact in LISTS else "word"
    known = {"empty" if op is Op.IS_EMPTY else op.value for op in ops_of(fact)} | ({"filled"} if Op.IS_EMPTY in ops_of(fact) else set())
    return [(op, words) for op, words in _WORDS[kind].items() if op in known]


POLICY = Vocabulary(
    labels=FACT_LABELS,
    words=KNOWN_WORDS,
    operators={fact: [] if fact in YES_OR_NO else _policy_operators(fact) for fact in FACT_LABELS},
    lists=frozenset(LISTS),
)


@dataclass
class Node:
    """A group (`fact` empty) or one comparison, as typed. `part` is its path in the written form, `errors` what is wrong there."""

    place: str = "c"
    fact: str = ""
    join: str = "all"
    parts: "list[Node]" = field(default_factory=list)
    op: str = ""
    values: list[str] = field(default_factory=list)
    text: str = ""
    part: str = "when"
    errors: list[str] = field(default_factory=list)
    is_new: bool = False
    vocabulary: Vocabulary = field(default=POLICY, repr=False, compare=False)

    @property
    def kind(self) -> str:
        """Which fields it has: group, word, choice (yes or no), number or list."""
        if not self.fact:
            return "group"
        return (
            "choice"
            if self.fact in YES_OR_NO
            else "number"
            if self.fact in NUMBERS
            else "list"
            if self.fact in self.vocabulary.lists
            else "word"
        )

    @property
    def label(self) -> str:
        """The fact's name."""
        return self.vocabulary.labels.get(self.fact, self.fact)

    @property
    def words(self) -> tuple[str, ...]:
        """What may be ticked."""
        return self.vocabulary.words.get(self.fact, ())

    @property
    def operators(self) -> list[tuple[str, str]]:
        """The comparisons to choose from."""
        return list(self.vocabulary.operators.get(self.fact, []))

    @property
    def may_nest(self) -> bool:
        """Whether a group may stand in it: a negated one takes two levels."""
        return self.place.count(".") < (DEEPEST - 2) // 2

    @property
    def joins(self) -> list[tuple[str, str]]:
        """How a group's parts may be joined."""
        return list(JOINS.items())


def tree_of(when: Mapping[str, Any], vocabulary: Vocabulary = POLICY) -> Node:
    """The written condition (in full, as stored) as a tree of fields; the outermost is always a group."""
    node = _spoken(_node(when), vocabulary)
    if node.kind != "group":
        node = Node(parts=[node], vocabulary=vocabulary)
    return _placed(node)


def tree_from(data: QueryDict, vocabulary: Vocabulary = POLICY) -> Node:
    """The tree that the form describes; what nobody could have typed is left out."""
    found = _from(data, "c", depth=0, budget=[MOST_COMPARISONS], known=vocabulary.labels) or Node()
    return _placed(_spoken(found, vocabulary))


def _spoken(node: Node, vocabulary: Vocabulary) -> Node:
    for one in _all(node):
        one.vocabulary = vocabulary
    return node


def acted(root: Node, act: str, wanted: str) -> Node:
    """The tree after a button: `add:PLACE` puts a comparison of the fact `wanted` (or `group`) there, `remove:PLACE` takes it out."""
    verb, _, place = act.partition(":")
    if verb == "add" and (group := _find(root, place)) is not None and group.kind == "group":
        new = Node(fact="" if wanted == "group" else wanted, is_new=True, vocabulary=root.vocabulary)
        if wanted == "group" and group.may_nest:
            new.join = "any" if group.join == "all" else "all"
            group.parts.append(new)
        elif wanted in root.vocabulary.labels:
            new.op = new.operators[0][0] if new.operators else "is"
            group.parts.append(new)
    if verb == "remove" and "." in place and (parent := _find(root, place.rpartition(".")[0])) is not None:
        parent.parts = [part for part in parent.parts if part.place != place]
    return _placed(root)


def written(node: Node) -> dict[str, Any]:
    """The condition in its written form, each node remembering its path in it. An empty outermost group is *always*."""
    if node.place == "c" and not node.parts:
        return {}
    if len(node.parts) == 1 and node.join in {"all", "any"}:
        return _written(node.parts[0], node.vocabulary.root)
    return _written(node, node.vocabulary.root)


def with_errors(root: Node, errors: Mapping[str, list[str]]) -> list[str]:
    """Puts each error beside its node by its path; gives back those that belong to none."""
    nodes: dict[str, Node] = {}
    for node in _all(root):
        nodes.setdefault(node.part, node)
    rest: list[str] = []
    for part, texts in errors.items():
        if part in nodes:
            nodes[part].errors += texts
        else:
            rest += texts
    return rest


def _node(when: Mapping[str, Any]) -> Node:
    if "not" in when:
        inner = _node(when["not"])
        if inner.kind != "group":
            return Node(join="none", parts=[inner])
        inner.join = {"any": "none", "none": "any", "all": "not_all", "not_all": "all"}[inner.join]
        return inner
    if "fact" in when:
        return _comparison(when["fact"], when["op"], when["value"])
    join = "any" if "any" in when else "all"
    parts = [_node(part) for part in when.get(join, [])]
    # A group of one is what stands in it.
    return parts[0] if len(parts) == 1 else Node(join=join, parts=parts)


def _comparison(fact: str, op: str, value: Any) -> Node:
    node = Node(fact=fact, op=op)
    if fact in YES_OR_NO:
        node.op, node.values = "is", ["yes" if value == (op == "is") else "no"]
    elif op == Op.IS_EMPTY:
        node.op = "empty" if value else "filled"
    elif fact in NUMBERS:
        node.text = str(value)
    else:
        node.op = {"is": "in", "is_not": "not_in"}.get(op, op)
        node.values = list(value) if isinstance(value, list) else [value]
        node.text = ", ".join(node.values)
    return node


def _from(data: QueryDict, place: str, *, depth: int, budget: list[int], known: Mapping[str, str]) -> Node | None:
    fact = data.get(f"{place}-fact", "")
    if fact in known:
        budget[0] -= 1
        return Node(
            fact=fact, op=data.get(f"{place}-op", "is"), values=data.getlist(f"{place}-value"), text=data.get(f"{place}-text", "").strip()
        )
    count = small_int(data.get(f"{place}-parts", ""))
    if count is None or depth > DEEPEST:
        return None
    join = data.get(f"{place}-join", "all")
    group = Node(join=join if join in JOINS else "all")
    for number in range(min(count, MOST_COMPARISONS)):
        if budget[0] > 0 and (part := _from(data, f"{place}.{number}", depth=depth + 1, budget=budget, known=known)) is not None:
            group.parts.append(part)
    return group


def _placed(node: Node, place: str = "c") -> Node:
    node.place = place
    for number, part in enumerate(node.parts):
        _placed(part, f"{place}.{number}")
    return node


def _find(root: Node, place: str) -> Node | None:
    return next((node for node in _all(root) if node.place == place), None)


def _all(root: Node) -> "list[Node]":
    return [root, *(node for part in root.parts for node in _all(part))]


def _written(node: Node, part: str) -> dict[str, Any]:
    node.part = part
    if node.kind == "group":
        negated = node.join in {"none", "not_all"}
        if negated and len(node.parts) == 1:
            return {"not": _written(node.parts[0], f"{part}.not")}
        inner = f"{part}.not" if negated else part
        parts = [_written(child, f"{inner}.{number}") for number, child in enumerate(node.parts)]
        group = {"any" if node.join in {"any", "none"} else "all": parts}
        return {"not": group} if negated else group
    op, fixed = OPERATORS.get(node.op, (Op.IS, None))
    return {"fact": node.fact, "op": op.value, "value": fixed if fixed is not None else _value(node, op)}


def _value(node: Node, op: Op) -> Any:
    """What was typed as the value; what is no such value stays as it is, and reading it says what is wrong."""
    if node.kind == "choice":
        return {"yes": True, "no": False}.get(node.values[0] if node.values else "", "")
    if node.kind == "number":
        number = small_int(node.text)
        return node.text if number is None else number
    if node.kind == "list":
        return [word for piece in node.text.split(",") if (word := piece.strip())]
    if op in {Op.AT_LEAST, Op.AT_MOST} and node.fact in ORDER:
        return node.values[0] if len(node.values) == 1 else node.values
    return node.values
