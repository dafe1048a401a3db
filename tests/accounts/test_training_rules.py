"""When training is current."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules.duties import Duty
from accounts.rules.spans import Span
from accounts.rules.training import COURSE_LASTS, PRACTICE_LASTS, Source, Training, current_spans, what_is_wrong
from tests.support.cast import NOW

DAY = timedelta(days=1)
COURSE = Training(Source.COURSE, NOW, NOW + COURSE_LASTS)


def practice(days: int) -> Training:
    at = NOW + days * DAY
    return Training(Source.PRACTICE, at, at + PRACTICE_LASTS)


def test_a_course_counts_until_its_day() -> None:
    assert current_spans([COURSE]) == (Span(NOW, NOW + COURSE_LASTS),)


def test_practice_alone_trains_nobody() -> None:
    assert current_spans([practice(day) for day in range(5)]) == ()


def test_one_practice_verdict_lengthens_nothing_and_two_do() -> None:
    assert current_spans([COURSE, practice(300)]) == current_spans([COURSE])
    assert current_spans([COURSE, practice(300), practice(350)]) == (Span(NOW, NOW + 300 * DAY + PRACTICE_LASTS),)


def test_two_practice_verdicts_more_than_half_a_year_apart_do_not_add_up() -> None:
    assert current_spans([COURSE, practice(190), practice(371)]) == current_spans([COURSE])


def test_practice_brings_back_training_that_had_run_out() -> None:
    assert current_spans([COURSE, practice(400), practice(410)])[1] == Span(NOW + 410 * DAY, NOW + 400 * DAY + PRACTICE_LASTS)


@pytest.mark.parametrize(
    ("day", "words"),
    [(-1, "has no training"), (0, None), (364, None), (365, "training ran out on 2 March 2027")],
)
def test_what_is_wrong_is_said_with_the_day(day: int, words: str | None) -> None:
    assert what_is_wrong(current_spans([COURSE]), NOW + day * DAY, Duty.LEGAL) == words


def test_the_manager_on_duty_needs_no_course() -> None:
    assert what_is_wrong((), NOW, Duty.MANAGER_ON_DUTY) is None


@given(st.lists(st.integers(0, 700), max_size=8), st.integers(0, 900))
def test_training_is_current_exactly_when_the_rule_says_so(practised: list[int], day: int) -> None:
    """The rule once more, as a person would check it on paper for one day."""
    spans = current_spans([COURSE, *(practice(one) for one in practised)])
    recent = [one for one in practised if day - PRACTICE_LASTS.days < one <= day]
    assert any(span.holds(NOW + day * DAY) for span in spans) == (day < COURSE_LASTS.days or len(recent) >= 2)
