"""What a filter may say, how mistakes in it are named, and how it reads."""

from typing import Any

import pytest
from hypothesis import given

from stakeholders.rules.explaining_filters import in_words, why, why_not
from stakeholders.rules.filters import COLLEAGUES, AllOf, Entry, Test, as_json, for_colleagues, holds, without_colleagues_part
from stakeholders.rules.reading_filters import InvalidFilter, read_filter
from tests.stakeholders.filters import ENTRIES, FILTERS

KEY_ACCOUNTS = {"fact": "tier", "op": "in", "value": ["strategic", "key"]}


@given(written=FILTERS)
def test_what_is_read_and_written_again_is_the_same(written: dict[str, Any]) -> None:
    read = read_filter(written)
    assert read_filter(as_json(read)) == read


@given(written=FILTERS, entry=ENTRIES)
def test_who_belongs_has_a_reason_and_who_does_not_has_one_too(written: dict[str, Any], entry: Entry) -> None:
    read = read_filter(written)
    assert bool(why(read, entry)) is holds(read, entry)
    assert bool(why_not(read, entry)) is not holds(read, entry)


@given(written=FILTERS, entry=ENTRIES)
def test_for_colleagues_means_the_same_filter_among_persons_and_teams(written: dict[str, Any], entry: Entry) -> None:
    read = read_filter(written)
    assert holds(for_colleagues(read), entry) is (holds(read, entry) and entry.kind in {"person", "team"})
    assert for_colleagues(for_colleagues(read)) == for_colleagues(read)
    rest = without_colleagues_part(for_colleagues(read))
    assert rest is None or holds(for_colleagues(rest), entry) is holds(for_colleagues(read), entry)


def test_every_problem_is_named_with_its_place() -> None:
    written = {
        "all": [
            {"fact": "colour", "op": "in", "value": ["red"]},
            {"any": []},
            {"not": {"fact": "tier", "op": "includes_any", "value": ["key"]}},
            {"fact": "tier", "op": "in", "value": ["gold"]},
            {"fact": "language", "op": "in", "value": ["English"]},
            {"fact": "region", "op": "is_empty", "value": "yes"},
            {"fact": "tag", "op": "includes_all", "value": []},
            {"fact": "kind", "op": "in"},
            "everybody",
        ]
    }
    with pytest.raises(InvalidFilter) as refusal:
        read_filter(written)
    assert [problem.part for problem in refusal.value.problems] == [
        "filter.0", "filter.1", "filter.2.not", "filter.3", "filter.4", "filter.5", "filter.6", "filter.7", "filter.8",
    ]  # fmt: skip
    words = [problem.text for problem in refusal.value.problems]
    assert "tier, component, region, kind, language, tag" in words[0]
    assert "everybody or nobody" in words[1]
    assert "strategic, key, standard" in words[3]


@pytest.mark.parametrize("written", [None, [], {}, {"all": []}, {"not": {}}, {"all": [KEY_ACCOUNTS], "any": [KEY_ACCOUNTS]}, {1: 2}])
def test_nothing_is_no_filter(written: Any) -> None:
    with pytest.raises(InvalidFilter):
        read_filter(written)


def test_too_deep_and_too_many_are_refused() -> None:
    deep: dict[str, Any] = KEY_ACCOUNTS
    for _ in range(6):
        deep = {"not": deep}
    with pytest.raises(InvalidFilter, match="nested 6 deep"):
        read_filter(deep)
    with pytest.raises(InvalidFilter, match="at most 100"):
        read_filter({"all": [{"any": [KEY_ACCOUNTS] * 60}, {"any": [KEY_ACCOUNTS] * 60}]})


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (KEY_ACCOUNTS, "the tier is strategic or key"),
        ({"fact": "component", "op": "includes_any", "value": ["checkout"]}, "it depends on Checkout"),
        ({"fact": "tag", "op": "includes_all", "value": ["beta", "edu"]}, "it is tagged beta and edu"),
        ({"fact": "kind", "op": "not_in", "value": ["person", "team"]}, "it is neither a person nor a team"),
        ({"fact": "region", "op": "is_empty", "value": True}, "no region is named"),
        (
            {
                "all": [
                    KEY_ACCOUNTS,
                    {"any": [{"fact": "region", "op": "in", "value": ["eu"]}, {"fact": "language", "op": "in", "value": ["de"]}]},
                ]
            },
            "the tier is strategic or key and (the region is eu or the language is de)",
        ),
        (
            {"not": {"any": [KEY_ACCOUNTS, {"fact": "tag", "op": "is_empty", "value": True}]}},
            "none of these holds: the tier is strategic or key; it has no tag",
        ),
        ({"not": {"all": [KEY_ACCOUNTS]}}, "it is not so that the tier is strategic or key"),
    ],
)
def test_it_reads_like_a_sentence(written: dict[str, Any], words: str) -> None:
    assert in_words(read_filter(written), {"checkout": "Checkout"}) == words


def test_only_the_clauses_that_match_are_named() -> None:
    read = read_filter({"any": [KEY_ACCOUNTS, {"fact": "language", "op": "in", "value": ["de"]}]})
    assert why(read, Entry(kind="customer", language="de-AT")) == ["the language is de"]
    assert why_not(read, Entry(kind="customer", language="den")) == [
        "it does not hold that (the tier is strategic or key or the language is de)"
    ]


def test_an_internal_filter_begins_with_colleagues() -> None:
    assert for_colleagues(Test("region", "in", ("eu",))) == AllOf((COLLEAGUES, Test("region", "in", ("eu",))))
    assert without_colleagues_part(AllOf((COLLEAGUES,))) is None
