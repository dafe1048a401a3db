"""The words of holding statements: the closed list, one spelling of a placeholder, what the hash covers, expiry."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.rules.variables import holding_values
from templates.rules.holding import HOLDING_VARIABLES, holding_hash, holding_problems, is_expired, remind_from, tidy_placeholders
from templates.rules.render import placeholders, render
from tests.support.cast import NOW

NAMES = st.sampled_from(list(HOLDING_VARIABLES))
PLAIN = st.text(st.characters(blacklist_characters="{}[]", blacklist_categories=["Cs", "Cc"]), max_size=20)
SPELT = st.builds(
    lambda name, before, after: f"{{{{{before}{name}{after}}}}}", NAMES, st.sampled_from(["", " ", "\t "]), st.sampled_from(["", "  "])
)
TEXTS = st.lists(st.one_of(PLAIN, SPELT), max_size=8).map("".join)
PLACE = {"key": "k", "scenario": "slow", "audience": "customers", "language": "en"}


@given(text=TEXTS)
def test_tidying_spells_each_placeholder_one_way_and_changes_nothing_else(text: str) -> None:
    tidy = tidy_placeholders(text)
    assert tidy_placeholders(tidy) == tidy
    assert placeholders(tidy) == placeholders(text)
    values = dict.fromkeys(HOLDING_VARIABLES, "x")
    assert render(tidy, values).text == render(text, values).text


@given(text=TEXTS, names=st.lists(st.text(max_size=12), max_size=3), minutes=st.one_of(st.none(), st.integers(1, 10_000)))
def test_filled_in_the_text_is_the_approved_one_with_nothing_but_listed_values(text: str, names: list[str], minutes: int | None) -> None:
    tidy = tidy_placeholders(text)
    values = holding_values(started_at=NOW, now=NOW, component_names=names, next_update_minutes=minutes)
    assert set(values) <= set(HOLDING_VARIABLES)
    assert not any("{{" in value or "}}" in value for value in values.values())
    filled = render(tidy, values)
    if not filled.missing:
        by_hand = tidy
        for name, value in values.items():
            by_hand = by_hand.replace(f"{{{{ {name} }}}}", value)
        assert filled.text == by_hand


@given(text=TEXTS)
def test_a_text_of_listed_variables_has_no_problems(text: str) -> None:
    assert holding_problems(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "{{ severity }}",
        "{{ incident_title }}",
        "{{ impact_words }}",
        "{{ now_utc.year }}",
        "{{ {{ now_utc }} }}",
        "}} {{",
        "{{\nnow_utc }}",
        "[[fill in: x]]",
    ],
)
def test_anything_outside_the_closed_list_is_refused(text: str) -> None:
    assert holding_problems(text) != []


@given(first=TEXTS, second=TEXTS)
def test_the_hash_tells_texts_apart(first: str, second: str) -> None:
    one = holding_hash(title="t", body=first, **PLACE)
    assert (one == holding_hash(title="t", body=second, **PLACE)) == (first == second)


@pytest.mark.parametrize("part", list(PLACE))
def test_the_hash_covers_what_the_statement_is_for(part: str) -> None:
    assert holding_hash(title="t", body="b", **PLACE) != holding_hash(title="t", body="b", **PLACE | {part: "other"})


def test_an_approval_has_expired_at_the_very_instant() -> None:
    assert is_expired(expires_at=NOW, now=NOW)
    assert not is_expired(expires_at=NOW, now=NOW - timedelta(microseconds=1))
    assert remind_from(NOW) == NOW - timedelta(days=14)
