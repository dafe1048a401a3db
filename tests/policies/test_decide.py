"""Deciding, over any policy and any facts."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from policies.rules.decide import decide
from policies.rules.decision import Outcome
from policies.rules.document import parse
from policies.rules.facts import KNOWN_WORDS, YES_OR_NO, Facts

FACTS = st.builds(
    Facts,
    **{name: st.sampled_from(words) for name, words in KNOWN_WORDS.items()},
    **{name: st.booleans() for name in YES_OR_NO},
)
CONDITIONS = st.fixed_dictionaries(
    {},
    optional={name: st.lists(st.sampled_from(words), min_size=1, unique=True) for name, words in KNOWN_WORDS.items()}
    | {name: st.booleans() for name in YES_OR_NO},
)
CONSEQUENCES = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from([outcome.value for outcome in Outcome]),
        "cadence": st.dictionaries(st.sampled_from(["investigating", "identified", "monitoring"]), st.integers(1, 240)),
        "reviews": st.permutations(["technical", "communications"]).map(
            lambda kinds: [{"kind": kind, "window_minutes": 15} for kind in kinds]
        ),
        "audiences": st.lists(st.sampled_from(["customers", "internal", "partners"]), unique=True),
        "publishes_watching": st.booleans(),
    }
)


@st.composite
def documents(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Any policy that can be written down: conditions in order, then the rule for everything else."""
    conditions: list[dict[str, Any]] = [*draw(st.lists(CONDITIONS.filter(bool), max_size=6)), {}]
    return [
        {"key": f"rule-{number}", "words": f"Rule {number}.", "when": condition, "then": draw(CONSEQUENCES)}
        for number, condition in enumerate(conditions)
    ]


def matches(condition: dict[str, Any], facts: dict[str, Any]) -> bool:
    """The meaning of `when`, said a second time over the plain JSON."""
    return all(facts[name] in wanted if isinstance(wanted, list) else facts[name] is wanted for name, wanted in condition.items())


@given(documents(), FACTS)
def test_the_first_rule_that_matches_decides_and_there_is_always_one(document: list[dict[str, Any]], facts: Facts) -> None:
    first = next(rule for rule in document if matches(rule["when"], facts.as_json()))
    decision = decide(parse(document), facts, 7)
    assert decision.rule_key == first["key"]
    assert decision.rule_words == first["words"]
    assert decision.outcome == first["then"]["outcome"]
    assert decision.cadence == first["then"]["cadence"]
    assert list(decision.audiences) == first["then"]["audiences"]
    assert [review.kind for review in decision.reviews] == [review["kind"] for review in first["then"]["reviews"]]
    assert decision.publishes_watching is first["then"]["publishes_watching"]
    assert decision.policy_version == 7


@given(documents(), FACTS)
def test_the_same_facts_always_give_the_same_decision(document: list[dict[str, Any]], facts: Facts) -> None:
    assert decide(parse(document), facts, 1) == decide(parse(document), facts, 1)


@given(documents(), FACTS)
def test_rules_after_the_one_that_matched_change_nothing(document: list[dict[str, Any]], facts: Facts) -> None:
    decision = decide(parse(document), facts, 1)
    position = next(number for number, rule in enumerate(document) if rule["key"] == decision.rule_key)
    shorter = document[: position + 1]
    if document[position]["when"]:
        shorter.append(document[-1])
    assert decide(parse(shorter), facts, 1) == decision


@given(documents(), FACTS)
def test_a_decision_can_be_changed_by_nobody_who_holds_it(document: list[dict[str, Any]], facts: Facts) -> None:
    parsed = parse(document)
    decide(parsed, facts, 1).cadence["investigating"] = 9999
    assert decide(parsed, facts, 1).cadence.get("investigating") != 9999
