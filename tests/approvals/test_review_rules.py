"""What an edit voids, when a clock steps, who is called, where a passage stands: over invented contents, windows and people."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.rules.eligibility import Candidate, called_in, first_asked
from approvals.rules.passage import NoSuchPassage, find_passage
from approvals.rules.voiding import ALL_KINDS, stands_because, touches
from approvals.rules.windows import NOTICED_LATE, SHARES, falling_due, plan, share_left
from approvals.rules.words import CarriedBecause, Step
from incidents.rules.content import ComponentState, Content, ScheduleMode, Wording
from policies.rules.decision import ReviewKind

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
BASE = Content(
    status="investigating",
    impact="major",
    wording={"customers": {"en": Wording("Slow log-in", "We are looking into it.")}},
    audiences=("customers",),
    next_update_minutes=30,
)
GRAVE = [
    {"wording": {"customers": {"en": Wording("Slow log-in", "We found it.")}}},
    {"wording": {"customers": {"en": Wording("Slow login", "We are looking into it.")}}},
    {"status": "identified"},
    {"impact": "minor"},
    {"etr": "2026-03-02T15:00:00Z"},
    {"cause_confidence": "confirmed"},
    {"components": (ComponentState("abc", "degraded_performance"),)},
    {"next_update_minutes": 60},
    {"next_update_minutes": None},
]
REACH = [
    {"channels": ("email",)},
    {"audiences": ("customers", "staff")},
    {"audiences": ()},
    {"schedule_mode": ScheduleMode.AS_SOON_AS_APPROVED},
    {"schedule_mode": ScheduleMode.AT_TIME, "schedule_at": "2026-03-02T15:00:00Z"},
]


@given(st.sampled_from(GRAVE), st.sampled_from([{}, *REACH]))
def test_wording_facts_and_promise_void_every_kind(grave: dict[str, object], reach: dict[str, object]) -> None:
    assert touches(BASE, replace(BASE, **grave, **reach)) == ALL_KINDS  # type: ignore[arg-type]  # drawn from the tables above


@given(st.sampled_from(REACH))
def test_reach_alone_keeps_the_technical_review(reach: dict[str, object]) -> None:
    new = replace(BASE, **reach)  # type: ignore[arg-type]  # drawn from the table above
    assert touches(BASE, new) == {ReviewKind.COMMUNICATIONS, ReviewKind.PUBLIC_RELATIONS, ReviewKind.LEGAL}
    assert stands_because("technical", old=BASE, new=new) is CarriedBecause.REACH
    assert {stands_because(kind, old=BASE, new=new) for kind in ("communications", "public_relations", "legal")} == {None}


@given(st.sampled_from([{}, *GRAVE, *REACH]), st.sampled_from([{}, *GRAVE, *REACH]), st.sampled_from(list(ReviewKind)))
def test_nothing_stands_but_by_equal_words_or_by_reach_alone(one: dict[str, object], other: dict[str, object], kind: ReviewKind) -> None:
    old, new = replace(BASE, **one), replace(BASE, **other)  # type: ignore[arg-type]  # drawn from the tables above
    because = stands_because(kind, old=old, new=new)
    assert (because is CarriedBecause.SAME_WORDS) == (old.hash() == new.hash())
    assert touches(old, new) == touches(new, old)
    if because is CarriedBecause.REACH:
        assert kind is ReviewKind.TECHNICAL


minutes = st.integers(min_value=1, max_value=7 * 24 * 60)


@given(minutes)
def test_steps_come_in_order_within_and_after_the_window(window: int) -> None:
    due = NOW + timedelta(minutes=window)
    steps = dict(plan(opened_at=NOW, due_at=due))
    assert [step for step, _ in SHARES] == sorted(steps, key=lambda step: steps[step])
    assert steps[Step.NEXT_TIER] == due
    assert NOW < steps[Step.REMINDER] < steps[Step.BACKUP] < due < steps[Step.OVERRIDE_HOLDER]


@given(minutes, st.lists(st.integers(min_value=0, max_value=3 * 7 * 24 * 60), min_size=1, max_size=12))
def test_each_step_is_told_or_passed_over_once_whenever_somebody_looks(window: int, looks: list[int]) -> None:
    waiting = dict(plan(opened_at=NOW, due_at=NOW + timedelta(minutes=window)))
    told: list[Step] = []
    overtaken: list[Step] = []
    for look in sorted(looks):
        now = NOW + timedelta(minutes=look)
        falling = falling_due(waiting, now)
        if falling.fire is None:
            assert not [step for step, due in waiting.items() if due <= now]
            continue
        assert falling.late == (now - waiting[falling.fire] > NOTICED_LATE)
        told.append(falling.fire)
        overtaken += falling.overtaken
        for step in (falling.fire, *falling.overtaken):
            del waiting[step]
    assert len(set(told)) == len(told)
    assert not set(told) & set(overtaken)
    assert len(told) <= len(looks)


def test_after_two_hours_in_which_nothing_looked_one_step_is_told_and_late() -> None:
    waiting = dict(plan(opened_at=NOW, due_at=NOW + timedelta(minutes=15)))
    falling = falling_due(waiting, NOW + timedelta(hours=2))
    assert (falling.fire, falling.late) == (Step.OVERRIDE_HOLDER, True)
    assert falling.overtaken == (Step.REMINDER, Step.BACKUP, Step.NEXT_TIER)


@pytest.mark.parametrize(("after", "left"), [(-5, 100), (0, 100), (15, 50), (24, 20), (30, 0), (90, 0)])
def test_the_share_that_is_left(after: int, left: int) -> None:
    assert share_left(opened_at=NOW, due_at=NOW + timedelta(minutes=30), now=NOW + timedelta(minutes=after)) == left


people = st.lists(
    st.builds(
        lambda user, tier, reason: Candidate(user=user, person=user, tier=tier, can_act=not reason, reasons=("absent",) if reason else ()),
        user=st.sampled_from("abcdefgh"),
        tier=st.integers(min_value=0, max_value=2),
        reason=st.booleans(),
    ),
    unique_by=lambda candidate: candidate.user,
)


@given(people)
def test_those_asked_first_can_all_act_and_nobody_able_stands_before_them(candidates: list[Candidate]) -> None:
    asked = first_asked(candidates)
    able = [candidate for candidate in candidates if candidate.can_act]
    assert all(candidate.can_act for candidate in asked)
    assert bool(asked) == bool(able)
    assert {candidate.tier for candidate in asked} == ({min(candidate.tier for candidate in able)} if able else set())


@given(people, st.sampled_from([Step.BACKUP, Step.NEXT_TIER, Step.OVERRIDE_HOLDER]), st.sets(st.sampled_from("abcdefgh")))
def test_a_step_calls_only_able_people_who_were_not_called_and_somebody_where_there_is_one(
    candidates: list[Candidate], step: Step, called: set[str]
) -> None:
    new = called_in(step, candidates, called=called)
    free = [candidate for candidate in candidates if candidate.can_act and candidate.user not in called]
    assert all(candidate in free for candidate in new)
    assert bool(new) == bool(free)
    if step is not Step.BACKUP:
        assert new == free


@given(people)
def test_a_reminder_calls_nobody_in(candidates: list[Candidate]) -> None:
    assert called_in(Step.REMINDER, candidates, called=()) == []


@given(st.text(alphabet="ab c\n", max_size=30), st.integers(min_value=0, max_value=30), st.integers(min_value=1, max_value=10))
def test_a_passage_is_where_its_words_stand(text: str, start: int, length: int) -> None:
    quote = text[start : start + length]
    try:
        span = find_passage(text, quote=quote)
    except NoSuchPassage:
        assert not quote.strip() or text.find(quote) != text.rfind(quote)
    else:
        assert text[span.start : span.end] == quote
    if quote.strip():
        assert find_passage(text, quote=quote, start=start).start == start


@pytest.mark.parametrize("quote", ["", "  ", "nowhere", "x" * 2001])
def test_no_such_passage(quote: str) -> None:
    with pytest.raises(NoSuchPassage, match=r"\.$"):
        find_passage("We are looking into it.", quote=quote)
