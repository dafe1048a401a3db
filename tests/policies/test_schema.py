"""The published schema and the parser agree, but for what a schema cannot say."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from policies.rules.document import InvalidDocument, parse
from policies.rules.schema import policy_schema
from tests.policies.strategies import documents
from tests.policies.test_document import GOOD, JSON, changed

SCHEMA = Draft202012Validator(policy_schema())
BEYOND_A_SCHEMA = ("used twice", "move it to the end", "last rule must have no condition")


def parsed(document: Any) -> list[str]:
    try:
        parse(document)
    except InvalidDocument as refused:
        return [text for text in refused.problems if not any(beyond in text for beyond in BEYOND_A_SCHEMA)]
    return []


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(policy_schema())


@settings(deadline=None)
@given(documents())
def test_what_can_be_written_is_valid_and_read(document: list[dict[str, Any]]) -> None:
    assert parsed(document) == []
    assert SCHEMA.is_valid(document)
    assert SCHEMA.is_valid(parse(document).as_json())


def places(value: Any) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((step, *rest) for step, below in inner for rest in places(below))]


WRONG: st.SearchStrategy[Any] = JSON | st.sampled_from(
    [0, 1, 15, 1.5, -1, 10081, "", "x" * 301, " ", "Key", [], {}, None, True, "SEV1", ["SEV1"], "required"]
)


@settings(deadline=None, max_examples=300)
@given(documents(), st.data())
def test_what_the_schema_refuses_the_parser_refuses_and_the_other_way_round(document: list[dict[str, Any]], data: st.DataObject) -> None:
    document = copy.deepcopy(document)
    # That of two bounds the first is the smaller is beyond a schema, and has a test of its own.
    place = data.draw(st.sampled_from([place for place in places(document) if place and "promise_bounds" not in place]))
    inner: Any = document
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = data.draw(WRONG)
    assert SCHEMA.is_valid(document) == (parsed(document) == []), document


@pytest.mark.parametrize(
    "embargo",
    [{}, {"audiences": []}, {"minutes_after_opening": 5, "until": "2026-03-02T14:30:00Z"}, {"until": "2026-03-02"}, {"until": "x"}],
)
def test_an_embargo_says_exactly_one_end(embargo: dict[str, Any]) -> None:
    assert "embargo must give either" in " ".join(parsed(changed(0, "then", "embargo", to=embargo)))


def test_bounds_stand_in_their_order() -> None:
    assert parsed(changed(0, "then", "promise_bounds", to=[10, 240])) == []
    assert "fewest and the most" in " ".join(parsed(changed(0, "then", "promise_bounds", to=[240, 10])))


def test_a_good_policy_is_valid() -> None:
    assert SCHEMA.is_valid(GOOD)
