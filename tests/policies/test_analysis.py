"""Rules that never decide are found, all of them and no other."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.rules.analysis import FlawKind, problems
from policies.rules.document import parse
from policies.rules.facts import KNOWN_WORDS, Facts
from policies.rules.why import steps
from tests.policies.strategies import FACTS, comparisons, documents, rules_of, trees
from tests.policies.test_document import GOOD

# Few enough facts that every case can be tried: also every place a number can have, and every set of two words.
TRIED = ("severity", "stage", "data_breach", "expected_minutes", "tags")
CASES = [
    Facts(severity, "major", stage, "investigating", "application", True, False, tags, "none", minutes, data_breach=breach)
    for severity, stage, breach, minutes, tags in product(
        KNOWN_WORDS["severity"],
        KNOWN_WORDS["stage"],
        (True, False),
        (None, 0, 1, 2, 29, 30, 31, 59, 60, 61, 62),
        ((), ("red",), ("blue",), ("red", "blue"), ("green",)),
    )
]


def policy(*conditions: dict[str, Any]) -> Any:
    return parse(rules_of(list(conditions), [GOOD[0]["then"]] * (len(conditions) + 1)))


@settings(deadline=None, max_examples=60)
@given(st.lists(trees(comparisons(TRIED)), min_size=1, max_size=5))
def test_by_trying_every_case_the_same_rules_are_found_to_never_decide(conditions: list[dict[str, Any]]) -> None:
    document = policy(*conditions)
    deciding = {steps(document, facts)[-1].rule.key for facts in CASES}
    assert {flaw.key for flaw in problems(document)} == {rule.key for rule in document.all_rules} - deciding


@settings(deadline=None)
@given(documents(), st.lists(FACTS, min_size=20, max_size=20))
def test_no_facts_are_ever_decided_by_a_rule_said_never_to_decide(written: list[dict[str, Any]], many: list[Facts]) -> None:
    document = parse(written)
    never = {flaw.key for flaw in problems(document)}
    assert not never & {steps(document, facts)[-1].rule.key for facts in many}


SEV1, BREACH = {"severity": ["SEV1"]}, {"data_breach": True}
AN_HOUR = {"fact": "elapsed_minutes", "op": "at_least", "value": 60}
LESS = {"fact": "elapsed_minutes", "op": "at_most", "value": 59}


@pytest.mark.parametrize(
    ("conditions", "kind", "key", "by", "said"),
    [
        ([{"all": [SEV1, {"not": SEV1}]}], FlawKind.IMPOSSIBLE, "rule-0", (), "no incident can meet its condition"),
        (
            [{"all": [AN_HOUR, LESS]}],
            FlawKind.IMPOSSIBLE, "rule-0", (), "Change the condition",
        ),
        ([BREACH, SEV1, {**SEV1, **BREACH}], FlawKind.SHADOWED, "rule-2", ("rule-0",), "“rule-0” above takes everything"),
        (
            [{"severity": ["SEV1"]}, {"severity": ["SEV3"]}, {"severity": ["SEV2"]}, {"severity": ["SEV1", "SEV2"], "restricted": True}],
            FlawKind.COVERED, "rule-3", ("rule-0", "rule-2"), "rule-0 and rule-2 above take together",
        ),
        ([{"stage": ["watching"]}, {"stage": ["confirmed"]}], FlawKind.IN_RESERVE, "rule-2", (), "stands in reserve"),
        ([{"all": [{"all": []}]}], FlawKind.IN_RESERVE, "rule-1", (), "stands in reserve"),
    ],
)  # fmt: skip
def test_each_is_named_with_what_takes_its_place(
    conditions: list[dict[str, Any]], kind: FlawKind, key: str, by: tuple[str, ...], said: str
) -> None:
    (flaw,) = problems(policy(*conditions))
    assert (flaw.kind, flaw.key, flaw.by) == (kind, key, by)
    assert said in flaw.text
    assert flaw.is_mistake is (kind is not FlawKind.IN_RESERVE)


def test_a_rule_that_never_decides_takes_nothing_from_those_below() -> None:
    found = problems(policy(SEV1, SEV1, {"severity": ["SEV2"]}))
    assert [(flaw.key, flaw.by) for flaw in found] == [("rule-1", ("rule-0",))]


def test_two_hundred_rules_are_examined_without_end_in_sight_of_a_person() -> None:
    conditions = [{"severity": [KNOWN_WORDS["severity"][n % 4]], "tags": [f"tag-{n}"]} for n in range(200)]
    assert problems(policy(*conditions)) == []
