"""Any policy that can be written, and any facts, for tests by property. The words of lists are few, so that they meet."""

from typing import Any

from hypothesis import strategies as st

from policies.rules.conditions import ops_of
from policies.rules.facts import KNOWN_WORDS, LISTS, NUMBERS, YES_OR_NO, Facts

WORDS = {name: ("DE", "US-CA") if name == "jurisdictions" else ("red", "blue") for name in LISTS}
SMALL = (0, 1, 30, 60, 61)

FACTS = st.builds(
    Facts,
    **{name: st.sampled_from(words) for name, words in KNOWN_WORDS.items()},
    **{name: st.booleans() for name in YES_OR_NO},
    **{name: st.lists(st.sampled_from((*words, "FR")), unique=True, max_size=3).map(tuple) for name, words in WORDS.items()},
    elapsed_minutes=st.integers(0, 70),
    expected_minutes=st.none() | st.integers(0, 70),
)


@st.composite
def comparisons(draw: st.DrawFn, facts: tuple[str, ...] = (*KNOWN_WORDS, *YES_OR_NO, *NUMBERS, *LISTS)) -> dict[str, Any]:
    """One comparison in its written form."""
    fact = draw(st.sampled_from(facts))
    op = draw(st.sampled_from(ops_of(fact)))
    if op == "is_empty" or fact in YES_OR_NO:
        value: Any = draw(st.booleans())
    elif fact in NUMBERS:
        value = draw(st.sampled_from(SMALL))
    else:
        words = WORDS.get(fact) or KNOWN_WORDS[fact]
        several = op in {"in", "not_in", "includes_any", "includes_all"}
        value = draw(st.lists(st.sampled_from(words), min_size=1, unique=True) if several else st.sampled_from(words))
    return {"fact": fact, "op": op.value, "value": value}


def trees(leaves: st.SearchStrategy[dict[str, Any]] | None = None) -> st.SearchStrategy[dict[str, Any]]:
    """A condition, at most a few levels deep."""
    return st.recursive(
        comparisons() if leaves is None else leaves,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
            inner.map(lambda part: {"not": part}),
        ),
        max_leaves=4,
    )


SHORTHAND = st.fixed_dictionaries(
    {},
    optional={name: st.lists(st.sampled_from(words), min_size=1, unique=True) for name, words in KNOWN_WORDS.items()}
    | {name: st.booleans() for name in YES_OR_NO},
).filter(bool)

MINUTES = st.integers(1, 240)
CADENCE = st.dictionaries(st.sampled_from(["investigating", "identified", "monitoring"]), MINUTES)
AUDIENCES = st.lists(st.sampled_from(["customers", "internal", "partners"]), unique=True)
REVIEWS = st.permutations(["technical", "communications", "legal", "public_relations"]).flatmap(
    lambda kinds: st.sampled_from([kinds, [kind for kind in kinds if kind in {"technical", "communications"}]]).map(
        lambda chosen: [{"kind": kind, "window_minutes": 15} for kind in chosen]
    )
)
CONSEQUENCES = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(["required", "optional", "none"]),
        "cadence": CADENCE,
        "reviews": REVIEWS,
        "audiences": AUDIENCES,
        "publishes_watching": st.booleans(),
    },
    optional={
        "cadence_by_audience": st.dictionaries(st.sampled_from(["customers", "internal"]), CADENCE),
        "long_incident": st.none() | st.fixed_dictionaries({"after_minutes": st.integers(1, 70), "cadence": CADENCE.filter(bool)}),
        "promise_bounds": st.none() | st.lists(MINUTES, min_size=2, max_size=2).map(sorted),
        "watching_audiences": AUDIENCES,
        "training_required": st.booleans(),
        "forbidden_channels": st.lists(st.sampled_from(["email", "sms"]), unique=True),
        "embargo": st.none()
        | st.fixed_dictionaries({"minutes_after_opening": MINUTES, "audiences": AUDIENCES})
        | st.fixed_dictionaries({"until": st.just("2026-03-02T14:30:00Z")}),
        "required_templates": st.dictionaries(st.sampled_from(["customers", "internal"]), st.just("breach")),
        "arbiter_minutes": MINUTES,
        "override_fills_legal": st.booleans(),
        "ratify_within_minutes": MINUTES,
        "late_bound_minutes": MINUTES,
        "urgency": st.sampled_from(["critical", "high", "normal", "low", None]),
    },
)


def rules_of(conditions: list[dict[str, Any]], consequences: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The written policy with these conditions in order and the rule for everything else."""
    return [
        {"key": f"rule-{number}", "words": f"Rule {number}.", "when": when, "then": then}
        for number, (when, then) in enumerate(zip([*conditions, {}], consequences, strict=True))
    ]


@st.composite
def documents(draw: st.DrawFn, when: st.SearchStrategy[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Any policy that can be written down."""
    conditions = draw(st.lists((trees() | SHORTHAND) if when is None else when, max_size=6))
    return rules_of(conditions, [draw(CONSEQUENCES) for _ in range(len(conditions) + 1)])


def matches(condition: dict[str, Any], facts: dict[str, Any]) -> bool:
    """The meaning of `when`, said a second time over the plain JSON."""
    if "all" in condition:
        return all(matches(part, facts) for part in condition["all"])
    if "any" in condition:
        return any(matches(part, facts) for part in condition["any"])
    if "not" in condition:
        return not matches(condition["not"], facts)
    if "fact" in condition:
        return meets(facts[condition["fact"]], condition["op"], condition["value"], condition["fact"])
    return all(facts[name] in wanted if isinstance(wanted, list) else facts[name] is wanted for name, wanted in condition.items())


def meets(actual: Any, op: str, wanted: Any, fact: str) -> bool:
    """The meaning of one comparison, said plainly."""
    order = {"severity": ["SEV4", "SEV3", "SEV2", "SEV1"]}.get(fact) or list(KNOWN_WORDS.get(fact, ()))

    def size(value: Any) -> Any:
        return order.index(value) if isinstance(value, str) else value

    meanings: dict[str, Any] = {
        "is": lambda: actual == wanted,
        "is_not": lambda: actual != wanted,
        "in": lambda: actual in wanted,
        "not_in": lambda: actual not in wanted,
        "at_least": lambda: actual is not None and size(actual) >= size(wanted),
        "at_most": lambda: actual is not None and size(actual) <= size(wanted),
        "includes_any": lambda: any(word in actual for word in wanted),
        "includes_all": lambda: all(word in actual for word in wanted),
        "is_empty": lambda: (actual is None or actual == []) == wanted,
    }
    return bool(meanings[op]())
