"""The rules of review and release as tables: one row, one sentence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.rules.readiness import scheduled_for, what_is_missing
from approvals.rules.reasons import Cause
from approvals.rules.release import LATE_BOUND, ReleaseFacts, Releaser, is_too_late, may_let_out, may_release
from approvals.rules.review import Given, ReviewFacts, is_complete, may_review
from incidents.rules.content import Content, ScheduleMode, Wording

NOW = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
WORDS = "a" * 64
OTHER_WORDS = "b" * 64
BOTH = frozenset({"technical", "communications"})
TECHNICAL = Given(reviewer="tess", verdict="approve", content_hash=WORDS)
COMMUNICATIONS = Given(reviewer="carl", verdict="approve", content_hash=WORDS)
APPROVED = {"technical": TECHNICAL, "communications": COMMUNICATIONS}

REVIEW = ReviewFacts(
    state="in_review",
    kind="technical",
    reviewer="tess",
    holds_permission=True,
    revision_is_current=True,
    contributors=frozenset({"wendy"}),
    asked=BOTH,
    given={},
)
RELEASE = ReleaseFacts(
    state="approved",
    revision_is_current=True,
    content_hash=WORDS,
    approved_hash=WORDS,
    asked=BOTH,
    given=APPROVED,
    contributors=frozenset({"wendy"}),
    incident_resolved=False,
    restricted=False,
    unconfirmed=False,
    reaches_public=True,
    unknown_audiences=frozenset(),
)
PERSON = Releaser(holds_permission=True, commands_incident=True, is_commander=False, owns_audiences=False)
READY = Content(
    status="investigating",
    impact="major",
    wording={"customers": {"en": Wording("Slow log-in", "We are looking into it.")}},
    audiences=("customers",),
)


def test_somebody_who_wrote_nothing_may_review() -> None:
    assert may_review(REVIEW) == []


@pytest.mark.parametrize(
    ("change", "code", "cause"),
    [
        ({"holds_permission": False}, "no_permission", Cause.FORBIDDEN),
        ({"contributors": frozenset({"tess"})}, "contributor", Cause.FORBIDDEN),
        ({"given": {"communications": replace(TECHNICAL)}}, "other_slot", Cause.FORBIDDEN),
        ({"given": {"technical": COMMUNICATIONS}}, "slot_taken", Cause.STATE),
        ({"kind": "legal"}, "not_asked", Cause.INPUT),
        ({"revision_is_current": False}, "stale", Cause.STALE),
        ({"state": "draft"}, "not_in_review", Cause.STATE),
        ({"state": "approved"}, "not_in_review", Cause.STATE),
        ({"state": "released"}, "not_in_review", Cause.STATE),
        ({"state": "withdrawn"}, "not_in_review", Cause.STATE),
    ],
)
def test_a_verdict_is_refused_for_one_reason(change: dict[str, Any], code: str, cause: Cause) -> None:
    (reason,) = may_review(replace(REVIEW, **change))
    assert (reason.code, reason.cause) == (code, cause)
    assert reason.words.endswith(".")


def test_an_approved_update_may_go() -> None:
    assert may_release(RELEASE) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": "released"}, "already_released"),
        ({"state": "draft"}, "not_approved"),
        ({"state": "in_review"}, "not_approved"),
        ({"state": "withdrawn"}, "not_approved"),
        ({"approved_hash": None}, "not_approved"),
        ({"revision_is_current": False}, "stale"),
        ({"content_hash": OTHER_WORDS}, "other_words"),
        ({"given": {"technical": TECHNICAL}}, "approvals_missing"),
        ({"given": {**APPROVED, "communications": replace(TECHNICAL)}}, "approvals_missing"),
        ({"given": {**APPROVED, "technical": replace(TECHNICAL, verdict="request_changes")}}, "approvals_missing"),
        ({"given": {**APPROVED, "technical": replace(TECHNICAL, content_hash=OTHER_WORDS)}}, "approvals_missing"),
        ({"asked": frozenset()}, "approvals_missing"),
        ({"asked": BOTH | {"legal"}}, "approvals_missing"),
        ({"contributors": frozenset({"tess"})}, "approvals_missing"),
        ({"incident_resolved": True}, "incident_resolved"),
        ({"restricted": True}, "restricted"),
        ({"unconfirmed": True}, "unconfirmed"),
        ({"unknown_audiences": frozenset({"gone"})}, "unknown_audience"),
    ],
)
def test_a_release_is_refused_for_one_reason(change: dict[str, Any], code: str) -> None:
    assert [reason.code for reason in may_release(replace(RELEASE, **change))] == [code]


def test_a_restricted_or_unconfirmed_incident_may_still_tell_its_own_people() -> None:
    assert may_release(replace(RELEASE, restricted=True, unconfirmed=True, reaches_public=False)) == []


def test_every_reason_is_given_at_once() -> None:
    codes = [reason.code for reason in may_release(replace(RELEASE, state="draft", incident_resolved=True, restricted=True))]
    assert codes == ["not_approved", "incident_resolved", "restricted"]


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, []),
        ({"commands_incident": False, "is_commander": True}, []),
        ({"commands_incident": False, "owns_audiences": True}, []),
        ({"commands_incident": False}, ["not_in_charge"]),
        ({"holds_permission": False}, ["no_permission"]),
        ({"holds_permission": False, "is_commander": True, "owns_audiences": True}, ["no_permission"]),
    ],
)
def test_who_may_release(change: dict[str, Any], codes: list[str]) -> None:
    assert [reason.code for reason in may_let_out(replace(PERSON, **change))] == codes


@given(
    st.dictionaries(
        st.sampled_from(["technical", "communications", "legal"]),
        st.builds(
            Given,
            reviewer=st.sampled_from(["tess", "carl", "lena", "wendy"]),
            verdict=st.sampled_from(["approve", "request_changes"]),
            content_hash=st.sampled_from([WORDS, OTHER_WORDS]),
        ),
    ),
    st.frozensets(st.sampled_from(["technical", "communications", "legal"])),
    st.frozensets(st.sampled_from(["tess", "carl", "lena", "wendy"])),
)
def test_a_complete_round_has_a_distinct_uninvolved_approver_of_these_words_per_kind(
    verdicts: dict[str, Given], asked: frozenset[str], contributors: frozenset[str]
) -> None:
    if not is_complete(asked=asked, given=verdicts, contributors=contributors, content_hash=WORDS):
        return
    approvers = [verdicts[kind].reviewer for kind in asked]
    assert asked
    assert len(set(approvers)) == len(asked)
    assert not contributors.intersection(approvers)
    assert all(verdicts[kind] == Given(verdicts[kind].reviewer, "approve", WORDS) for kind in asked)


@pytest.mark.parametrize(("late", "held"), [(-1, False), (0, False), (900, False), (901, True)])
def test_a_release_more_than_a_quarter_of_an_hour_late_waits_for_a_person(late: int, held: bool) -> None:
    assert timedelta(minutes=15) == LATE_BOUND
    assert is_too_late(due_at=NOW, now=NOW + timedelta(seconds=late)) is held


def missing(content: Content) -> dict[str, list[str]]:
    return what_is_missing(content, audiences={"customers": "All customers", "internal": "Colleagues"}, now=NOW)


def test_finished_words_lack_nothing() -> None:
    assert missing(READY) == {}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"wording": {"customers": {"en": Wording("", "Body")}}}, "variants.customers.title"),
        ({"wording": {"customers": {"en": Wording("Title", " \n")}}}, "variants.customers.body"),
        ({"wording": {"customers": {"en": Wording("[[fill in: component_names]] slow", "Body")}}}, "variants.customers.title"),
        ({"wording": {"customers": {"en": Wording("T", "Until [[fill in: next_update_in]]")}}}, "variants.customers.body"),
        ({"wording": {}}, "variants"),
        ({"audiences": ("customers", "internal")}, "variants"),
        ({"audiences": ()}, "audiences"),
        ({"schedule_mode": ScheduleMode.AT_TIME}, "schedule"),
        ({"schedule_mode": ScheduleMode.AT_TIME, "schedule_at": "soon"}, "schedule"),
        ({"schedule_mode": ScheduleMode.AT_TIME, "schedule_at": "2026-03-02T15:00:00"}, "schedule"),
        ({"schedule_mode": ScheduleMode.AT_TIME, "schedule_at": "2026-03-02T14:00:00Z"}, "schedule"),
    ],
)
def test_unfinished_words_are_named_by_field(change: dict[str, Any], field: str) -> None:
    assert list(missing(replace(READY, **change))) == [field]


def test_the_sentence_names_the_gap_and_the_variant() -> None:
    content = replace(READY, wording={"customers": {"en": Wording("T", "[[fill in: component_names]]")}})
    (sentence,) = missing(content)["variants.customers.body"]
    assert sentence.startswith("The body of the variant for All customers still has a gap: “names of the affected components”.")


def test_an_audience_that_does_not_exist_is_named() -> None:
    content = replace(READY, wording={**READY.wording, "gone": READY.wording["customers"]}, audiences=("customers", "gone"))
    assert missing(content) == {"audiences": ["There is no audience with the key gone. Take it out or create it."]}


def test_audiences_are_named_as_people_know_them() -> None:
    titled = replace(
        READY, wording={"customers": {"en": Wording("", "Body"), "de": Wording("Titel", " ")}}, audiences=("customers", "internal")
    )
    assert missing(titled) == {
        "variants.customers.body": ["The variant for All customers (de) has no body. Write it before asking for review."],
        "variants.customers.title": ["The variant for All customers (en) has no title. Write it before asking for review."],
        "variants": ["There is no wording for the audience Colleagues. Write one, or take the audience out."],
    }
    bound = what_is_missing(
        READY, audiences={"customers": "All customers"}, now=NOW, outside_scope={"customers": "is told of checkout alone"}
    )
    assert bound == {"audiences": ["The audience All customers is told of checkout alone. Take it out, or correct the incident."]}


def test_a_scheduled_time_is_read_with_its_zone() -> None:
    content = replace(READY, schedule_mode=ScheduleMode.AT_TIME, schedule_at="2026-03-02T16:30:00+02:00")
    assert scheduled_for(content) == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    assert missing(content) == {}
