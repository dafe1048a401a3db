"""The word diff that reviewers read."""

from hypothesis import given
from hypothesis import strategies as st

from console.diffs import Part, word_diff


def test_a_changed_word_is_shown_as_removed_and_added() -> None:
    assert word_diff("Cards fail in Europe.", "Cards work in Europe.") == [
        Part("same", "Cards "),
        Part("del", "fail"),
        Part("ins", "work"),
        Part("same", " in Europe."),
    ]


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_word_is_lost_or_invented(old: str, new: str) -> None:
    parts = word_diff(old, new)
    assert "".join(p.text for p in parts if p.op != "ins") == old
    assert "".join(p.text for p in parts if p.op != "del") == new
