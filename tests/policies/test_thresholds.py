"""When time alone changes a decision."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from policies.rules.decide import decide
from policies.rules.document import parse
from policies.rules.facts import Facts
from policies.rules.thresholds import later
from tests.policies.strategies import FACTS, comparisons, documents, rules_of, trees
from tests.policies.test_document import GOOD

FRESH = Facts("SEV1", "major", "confirmed", "investigating", "application", customer_facing=True, restricted=False)


@settings(deadline=None)
@given(documents(trees(comparisons(("elapsed_minutes", "expected_minutes", "severity", "restricted")))), FACTS)
def test_nothing_changes_before_the_time_named(written: list[dict[str, Any]], facts: Facts) -> None:
    document = parse(written)
    now = decide(document, facts, 1)
    for minutes in range(1, 75):
        facts_then = later(facts, minutes)
        named = now.reconsider_after_minutes
        if named is not None and facts_then.elapsed_minutes >= named:
            break
        then = decide(document, facts_then, 1)
        assert then.rule_key == now.rule_key
        assert then.is_long(facts_then.elapsed_minutes) == now.is_long(facts.elapsed_minutes)


def when(fact: str, op: str, value: int) -> dict[str, Any]:
    return {"fact": fact, "op": op, "value": value}


@pytest.mark.parametrize(
    ("condition", "facts", "named"),
    [
        ({"severity": ["SEV1"]}, FRESH, None),
        (when("elapsed_minutes", "at_least", 240), FRESH, 240),
        (when("elapsed_minutes", "at_least", 240), replace(FRESH, elapsed_minutes=240), 241),
        (when("elapsed_minutes", "at_least", 240), replace(FRESH, elapsed_minutes=241), None),
        (when("elapsed_minutes", "at_most", 60), FRESH, 60),
        (when("expected_minutes", "at_most", 30), FRESH, None),
        (when("expected_minutes", "at_most", 30), replace(FRESH, elapsed_minutes=10, expected_minutes=60), 40),
        ({"all": [{"severity": ["SEV4"]}, when("elapsed_minutes", "at_least", 240)]}, FRESH, None),
    ],
)
def test_the_time_named(condition: dict[str, Any], facts: Facts, named: int | None) -> None:
    document = parse(rules_of([condition], [GOOD[0]["then"]] * 2))
    assert decide(document, facts, 1).reconsider_after_minutes == named


def test_what_stands_below_a_rule_that_holds_whatever_the_time_is_not_waited_for() -> None:
    document = parse(rules_of([{"severity": ["SEV1"]}, when("elapsed_minutes", "at_least", 5)], [GOOD[0]["then"]] * 3))
    assert decide(document, FRESH, 1).reconsider_after_minutes is None


def test_the_beginning_of_the_long_incident_rhythm_is_waited_for() -> None:
    then = GOOD[0]["then"] | {"long_incident": {"after_minutes": 480, "cadence": {"investigating": 60}}}
    document = parse(rules_of([], [then]))
    assert decide(document, FRESH, 1).reconsider_after_minutes == 480
    assert decide(document, replace(FRESH, elapsed_minutes=480), 1).reconsider_after_minutes is None
