"""Instants inside the text of a message: marked once, said to each reader by their own clock."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.escaping import plain
from notifications.rules.times import in_words, marked_in, readers, with_instants

INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis wants bounds without a zone
BERLIN = ZoneInfo("Europe/Berlin")


@given(st.lists(INSTANTS, max_size=4), st.text(max_size=30))
def test_every_mark_is_said_and_nothing_else_changes(instants: list[datetime], between: str) -> None:
    typed = plain(between)
    text = typed.join(readers(at) for at in instants)
    assert marked_in([text]) == list(dict.fromkeys(instants))
    assert with_instants(text, lambda at: in_words(at, BERLIN)) == typed.join(in_words(at, BERLIN) for at in instants)


@given(INSTANTS, st.text(max_size=30))
def test_nobody_can_type_a_mark(at: datetime, around: str) -> None:
    for typed in (plain(around + readers(at)), "{{at x}}", "{{at 99999999999999999999}}"):
        assert marked_in([typed]) == []
        assert with_instants(typed, lambda at: "never") == typed
