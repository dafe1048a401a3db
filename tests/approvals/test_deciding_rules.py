"""The pure rules of disputes and overrides, over any words and any times."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from approvals.rules.dispute import Passage, marked, only_deletes, quoted, reworded, struck, text_of
from approvals.rules.override import OverrideFacts, SlotFacts, filled, may_override, next_overdue, steps, unfilled
from incidents.rules.content import Content, Wording
from tests.support.cast import NOW

words = st.text(alphabet="ab .,\nä😀", min_size=1, max_size=40)
KINDS = ("technical", "communications", "legal", "public_relations")


def content(body: str) -> Content:
    both = {"customers": {"en": Wording("Title", body)}, "internal": {"en": Wording("Title", body)}}
    return Content(status="investigating", impact="major", wording=both)


@st.composite
def passages(draw: st.DrawFn) -> tuple[Content, Passage]:
    """Any words with any part of them marked."""
    body = draw(words)
    start = draw(st.integers(0, len(body) - 1))
    end = draw(st.integers(start + 1, len(body)))
    return content(body), Passage("customers", "en", "body", start, end, body[start:end])


@given(passages())
def test_striking_takes_out_the_passage_and_adds_nothing(given_: tuple[Content, Passage]) -> None:
    before, passage = given_
    after = struck(before, passage)
    assert only_deletes(before, after, passage)
    assert len(text_of(after, passage)) <= len(text_of(before, passage)) - len(passage.quote)
    assert after.wording["internal"] == before.wording["internal"]


@given(passages(), words)
def test_rewording_is_no_deletion_unless_it_adds_only_blanks(given_: tuple[Content, Passage], new: str) -> None:
    before, passage = given_
    after = reworded(before, passage, new)
    assert only_deletes(before, after, passage) == (not new.strip().replace(" ", "").replace("\n", ""))


@given(passages(), words)
def test_a_passage_is_found_again_where_words_were_put_before_it(given_: tuple[Content, Passage], before: str) -> None:
    old, passage = given_
    new = content(before + text_of(old, passage))
    found = marked(new, passage)
    assert found is not None
    assert text_of(new, found)[found.start : found.end] == passage.quote


@given(passages())
def test_a_passage_that_is_gone_is_not_found(given_: tuple[Content, Passage]) -> None:
    old, passage = given_
    other = content("zzz")
    assert marked(other, passage) is None
    assert marked(old, Passage("nobody", "en", "body", 0, 1, "a")) is None


@given(passages())
def test_quoted_words_mark_one_place_or_are_refused_in_words(given_: tuple[Content, Passage]) -> None:
    where, passage = given_
    found = quoted(where, passage, exact=False)
    if isinstance(found, Passage):
        assert text_of(where, found)[found.start : found.end] == found.quote
        assert found.quote.split() == passage.quote.split()
    else:
        assert found.endswith(".")


slots = st.lists(
    st.builds(
        SlotFacts,
        kind=st.sampled_from(KINDS),
        due_at=st.sampled_from([NOW - timedelta(minutes=1), NOW, NOW + timedelta(minutes=1)]),
        approved=st.booleans(),
        eligible=st.integers(0, 2),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda slot: slot.kind,
)
free = st.builds(
    OverrideFacts,
    state=st.just("in_review"),
    revision_is_current=st.just(True),
    slots=slots.map(tuple),
    holds_permission=st.just(True),
    is_contributor=st.just(False),
    gave_review=st.just(False),
    open_disputes=st.just(0),
    policy_fills_legal=st.booleans(),
    holds_legal_role=st.booleans(),
)
facts = free | st.builds(
    OverrideFacts,
    state=st.sampled_from(["draft", "in_review", "approved", "released", "withdrawn"]),
    revision_is_current=st.booleans(),
    slots=slots.map(tuple),
    holds_permission=st.booleans(),
    is_contributor=st.booleans(),
    gave_review=st.booleans(),
    open_disputes=st.integers(0, 1),
    policy_fills_legal=st.booleans(),
    holds_legal_role=st.booleans(),
)


@given(facts)
def test_what_may_be_overridden_is_covered_whole(known: OverrideFacts) -> None:
    if may_override(known, NOW):
        return
    assert filled(known, NOW)
    covered = {one.kind for one in filled(known, NOW)} | {slot.kind for slot in known.slots if slot.approved}
    assert covered == {slot.kind for slot in known.slots}
    assert known.holds_permission
    assert not known.is_contributor
    assert not known.gave_review
    assert not known.open_disputes


@given(facts)
def test_nothing_is_stood_in_for_while_somebody_still_can(known: OverrideFacts) -> None:
    by_kind = {slot.kind: slot for slot in known.slots}
    for one in filled(known, NOW):
        slot = by_kind[one.kind]
        assert slot.due_at <= NOW or slot.eligible == 0
        assert not slot.approved
        assert one.kind != "legal" or (known.policy_fills_legal and known.holds_legal_role)
    assert len(unfilled(known, NOW)) + len(filled(known, NOW)) == sum(not slot.approved for slot in known.slots)


moments = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis wants bounds without a zone


@given(moments, st.integers(1, 10_000), st.integers(0, 100_000))
def test_reminders_come_in_order_and_the_daily_one_is_always_still_to_come(at: datetime, minutes: int, passed: int) -> None:
    by = at + timedelta(minutes=minutes)
    planned = steps(at=at, ratify_by=by)
    assert [step.name for step in planned] == ["50", "80", "100"]
    assert at < planned[0].due_at < planned[1].due_at < planned[2].due_at == by
    now = by + timedelta(minutes=passed)
    following = next_overdue(ratify_by=by, now=now)
    assert now < following.due_at <= now + timedelta(days=1)
