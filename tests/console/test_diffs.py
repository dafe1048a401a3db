"""The word diff that reviewers read."""

from hypothesis import given
from hypothesis import strategies as st

from console.diffs import Part, with_findings, word_diff
from screening.rules.check import check_text
from screening.rules.findings import ScreeningFacts


def test_a_changed_word_is_shown_as_removed_and_added() -> None:
    assert word_diff("Cards fail in Europe.", "Cards work in Europe.") == [
        Part("same", "Cards "),
        Part("del", "fail"),
        Part("ins", "work"),
        Part("same", " in Europe."),
    ]


def test_texts_that_have_little_in_common_stand_one_after_the_other() -> None:
    old, new = "We are investigating a problem with Checkout.", "About one card payment in five fails. A supplier is to blame."
    assert word_diff(old, new) == [Part("del", old), Part("ins", new)]
    assert word_diff("", new) == [Part("ins", new)]


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_word_is_lost_or_invented(old: str, new: str) -> None:
    parts = word_diff(old, new)
    assert "".join(p.text for p in parts if p.op != "ins") == old
    assert "".join(p.text for p in parts if p.op != "del") == new


def test_passages_that_were_found_are_marked_in_what_is_new_alone() -> None:
    old, new = "We restarted web-prod-1 today", "We restarted db-prod-3 today, due to rain"
    marked = with_findings(word_diff(old, new), check_text("body", new, ScreeningFacts()))
    assert "".join(part.text for part in marked if part.op != "del") == new
    assert "".join(part.text for part in marked if part.op != "ins") == old
    assert "".join(part.text for part in marked if part.severity == "block") == "db-prod-3"
    assert "".join(part.text for part in marked if part.severity == "warn") == "due to"
    assert not any(part.severity for part in marked if part.op == "del")
