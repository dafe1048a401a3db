"""Deciding, over any policy and any facts."""

from dataclasses import replace
from typing import Any

from hypothesis import given

from policies.rules.decide import decide
from policies.rules.document import parse
from policies.rules.facts import Facts
from tests.policies.strategies import FACTS, documents, matches


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
    assert replace(decide(parse(shorter), facts, 1), reconsider_after_minutes=decision.reconsider_after_minutes) == decision


@given(documents(), FACTS)
def test_a_decision_can_be_changed_by_nobody_who_holds_it(document: list[dict[str, Any]], facts: Facts) -> None:
    parsed = parse(document)
    decide(parsed, facts, 1).cadence["investigating"] = 9999
    assert decide(parsed, facts, 1).cadence.get("investigating") != 9999
