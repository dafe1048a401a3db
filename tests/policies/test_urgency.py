"""How urgent it is: from the facts, unless the rule says otherwise; what was stored before urgency was known reads the same way."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from policies.rules.decide import decide
from policies.rules.decision import Decision
from policies.rules.document import InvalidDocument, parse
from policies.rules.explain import consequences_in_words
from policies.rules.facts import Facts
from policies.rules.schema import policy_schema
from policies.rules.urgency import Urgency, urgency_of, why_so_urgent
from tests.policies.strategies import FACTS

PLAIN = Facts("SEV4", "none", "confirmed", "investigating", "application", customer_facing=True, restricted=False)
THEN: dict[str, Any] = {
    "outcome": "optional",
    "cadence": {},
    "reviews": [{"kind": "technical", "window_minutes": 15}, {"kind": "communications", "window_minutes": 15}],
    "audiences": ["customers"],
    "publishes_watching": False,
}


def policy(**more: Any) -> list[dict[str, Any]]:
    return [{"key": "all", "words": "All.", "when": {}, "then": THEN | more}]


@pytest.mark.parametrize(
    ("severity", "impact", "urgency", "why"),
    [
        ("SEV1", "none", Urgency.CRITICAL, "SEV1"),
        ("SEV4", "critical", Urgency.CRITICAL, "critical impact"),
        ("SEV2", "major", Urgency.HIGH, "SEV2 and major impact"),
        ("SEV3", "major", Urgency.HIGH, "major impact"),
        ("SEV3", "none", Urgency.NORMAL, "SEV3"),
        ("SEV4", "none", Urgency.LOW, "SEV4 and no impact"),
    ],
)
def test_the_worse_of_severity_and_impact_counts(severity: str, impact: str, urgency: Urgency, why: str) -> None:
    facts = replace(PLAIN, severity=severity, impact=impact)
    assert urgency_of(facts) is urgency
    assert why_so_urgent(facts) == why


@pytest.mark.parametrize("flag", [{"regulatory_flags": ("nis2",)}, {"data_breach": True}, {"regulated_system": True}])
def test_what_touches_the_law_is_high_at_least(flag: dict[str, Any]) -> None:
    assert urgency_of(replace(PLAIN, **flag)) is Urgency.HIGH
    assert urgency_of(replace(PLAIN, severity="SEV1", **flag)) is Urgency.CRITICAL
    assert "law" in why_so_urgent(replace(PLAIN, **flag))


@given(facts=FACTS)
def test_every_incident_has_an_urgency_and_a_reason_for_it(facts: Facts) -> None:
    assert decide(parse(policy()), facts, 1).urgency is urgency_of(facts)
    assert why_so_urgent(facts)


@given(facts=FACTS)
def test_a_rules_own_urgency_comes_before_the_facts(facts: Facts) -> None:
    assert decide(parse(policy(urgency="low")), facts, 1).urgency is Urgency.LOW


def test_it_is_said_in_words_of_a_rule_and_of_a_decision() -> None:
    rule = parse(policy(urgency="critical")).otherwise
    assert "It is told with critical urgency, whatever its severity and impact." in consequences_in_words(rule.then)
    assert not any("urgency" in sentence for sentence in consequences_in_words(parse(policy()).otherwise.then))
    assert "It is told with low urgency." in consequences_in_words(decide(parse(policy()), PLAIN, 1))


@pytest.mark.parametrize("wrong", ["urgent", 1, ["low"]])
def test_another_word_is_refused_with_the_words_there_are(wrong: Any) -> None:
    with pytest.raises(InvalidDocument, match="critical, high, normal, low"):
        parse(policy(urgency=wrong))


def test_the_schema_names_the_words_and_lets_a_rule_leave_it_out() -> None:
    then = policy_schema()["$defs"]["then"]
    assert then["properties"]["urgency"]["enum"] == ["critical", "high", "normal", "low", None]
    assert "urgency" not in then["required"]


def test_what_was_decided_before_there_was_urgency_reads_without_one() -> None:
    stored = decide(parse(policy()), PLAIN, 1).as_json()
    del stored["urgency"]
    assert Decision.from_json(stored).urgency is None
