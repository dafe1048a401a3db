"""What a policy must look like, and what is said when it does not."""

import contextlib
import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules import words
from policies.rules.decision import Outcome
from policies.rules.document import InvalidDocument, parse
from policies.rules.facts import KNOWN_WORDS

GOOD: list[dict[str, Any]] = [
    {
        "key": "worst",
        "words": "The worst: updates are required.",
        "when": {"severity": ["SEV1"], "customer_facing": True},
        "then": {
            "outcome": "required",
            "cadence": {"investigating": 15},
            "reviews": [{"kind": "technical", "window_minutes": 15}, {"kind": "communications", "window_minutes": 30}],
            "audiences": ["customers"],
            "publishes_watching": False,
        },
    },
    {
        "key": "otherwise",
        "words": "Everything else: no updates are due.",
        "when": {},
        "then": {
            "outcome": "none",
            "cadence": {},
            "reviews": [{"kind": "technical", "window_minutes": 15}, {"kind": "communications", "window_minutes": 30}],
            "audiences": [],
            "publishes_watching": False,
        },
    },
]


def changed(rule: int, *path: str, to: object) -> list[dict[str, Any]]:
    document = copy.deepcopy(GOOD)
    inner = document[rule]
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return document


def problems(document: object) -> str:
    with pytest.raises(InvalidDocument) as refused:
        parse(document)
    return " ".join(refused.value.problems)


def test_a_good_document_is_read_in_order() -> None:
    document = parse(GOOD)
    assert [rule.key for rule in document.rules] == ["worst"]
    assert document.otherwise.key == "otherwise"
    assert document.otherwise.then.outcome is Outcome.NONE


def test_the_facts_know_exactly_the_words_of_incidents() -> None:
    assert {
        "severity": tuple(words.Severity),
        "impact": tuple(words.Impact),
        "stage": tuple(words.Stage),
        "status": tuple(words.Status),
        "category": tuple(words.Category),
    }.items() <= KNOWN_WORDS.items()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "at least one rule"),
        ({"rules": []}, "at least one rule"),
        (["SEV1"], "exactly the parts"),
        ([{**GOOD[1], "comment": "x"}], "exactly the parts"),
        (changed(0, "key", to="Worst case"), "Rule 1: the key"),
        (changed(0, "words", to="  "), "words must say"),
        (changed(0, "words", to="x" * 301), "1 to 300"),
        (changed(0, "when", to=["SEV1"]), "when must be an object"),
        (changed(0, "when", "severity", to=["SEV0"]), "SEV1, SEV2, SEV3, SEV4"),
        (changed(0, "when", "severity", to=[]), "one or more"),
        (changed(0, "when", "severity", to="SEV1"), "must list"),
        (changed(0, "when", "severity", to=[["SEV1"]]), "must list"),
        (changed(0, "when", "customer_facing", to="yes"), "true or false"),
        (changed(0, "when", "weather", to=["rain"]), "no fact “weather”"),
        (changed(0, "then", to="required"), "then must have"),
        (changed(0, "then", "outcome", to="perhaps"), "required, optional or none"),
        (changed(0, "then", "outcome", to=None), "required, optional or none"),
        (changed(0, "then", "cadence", to={"resolved": 15}), "cadence"),
        (changed(0, "then", "cadence", to={"investigating": 0}), "cadence"),
        (changed(0, "then", "cadence", to={"investigating": 1.5}), "cadence"),
        (changed(0, "then", "cadence", to={"investigating": True}), "cadence"),
        (changed(0, "then", "reviews", to=[]), "reviews must give each"),
        (changed(0, "then", "reviews", to=[{"kind": "technical", "window_minutes": 15}] * 2), "each of technical, communications once"),
        (changed(0, "then", "reviews", to=[{"kind": ["technical"], "window_minutes": 15}]), "reviews"),
        (changed(0, "then", "audiences", to=["customers", "customers"]), "each once"),
        (changed(0, "then", "audiences", to="customers"), "audiences must list"),
        (changed(0, "then", "publishes_watching", to=1), "publishes_watching"),
        (changed(0, "then", "comment", to="x"), "then must have"),
        (changed(0, "then", "cadence_by_audience", to={"Customers": {}}), "cadence_by_audience"),
        (changed(0, "then", "long_incident", to={"after_minutes": 60, "cadence": {}}), "at least one of"),
        (changed(0, "then", "promise_bounds", to=[60, 10]), "fewest and the most"),
        (changed(0, "then", "forbidden_channels", to="sms"), "must list channels"),
        (changed(0, "then", "required_templates", to={"customers": ""}), "key of a template"),
        (changed(0, "then", "late_bound_minutes", to=0), "late_bound_minutes must be whole minutes"),
        (changed(0, "when", to={"any": []}), "Rule 1 “worst”: any must list one"),
        (changed(0, "when", to={"not": {"not": {"not": {"not": {"not": {"not": {}}}}}}}), "nested 6 deep"),
        (changed(0, "when", to={"fact": "severity", "op": "includes_any", "value": ["SEV1"]}), "cannot be compared by “includes_any”"),
        (changed(0, "when", to={"fact": "severity", "op": "is", "value": ["SEV1"]}), "must be one of SEV1"),
        (changed(0, "when", to={"fact": "weather", "op": "is", "value": "rain"}), "no fact “weather”"),
        (changed(0, "when", to={"fact": "severity", "value": "SEV1"}), "exactly the parts fact, op and value"),
        (changed(0, "when", to={"fact": "elapsed_minutes", "op": "at_least", "value": -1}), "whole minutes from 0"),
        (changed(0, "when", to={"fact": "tags", "op": "is_empty", "value": []}), "tags must be true or false"),
        (changed(0, "when", to={"fact": "tags", "op": "includes_any", "value": ["Two words"]}), "keys of lower-case letters"),
        (changed(0, "when", to={"jurisdictions": ["Germany"]}), "ISO 3166"),
        (changed(0, "key", to="otherwise"), "used twice"),
        (changed(0, "when", to={}), "move it to the end"),
        (GOOD[:1], "last rule must have no condition"),
    ],
)
def test_a_bad_document_is_refused_with_the_cure(document: object, said: str) -> None:
    assert said in problems(document)


def test_all_problems_are_told_at_once() -> None:
    document = changed(0, "key", to="")
    document[1]["then"]["outcome"] = "perhaps"
    told = problems(document)
    assert "Rule 1" in told
    assert "Rule 2" in told


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["key", "words", "when", "then", "SEV1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["key", "words", "when", "then", "x"]), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from([("key",), ("words",), ("when",), ("when", "severity"), ("then",), *(("then", n) for n in GOOD[0]["then"])]))
def test_whatever_is_written_is_read_or_refused_and_never_crashes(value: object, path: tuple[str, ...]) -> None:
    for document in (value, [value], changed(0, *path, to=value)):
        with contextlib.suppress(InvalidDocument):
            parse(document)
