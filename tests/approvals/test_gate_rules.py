"""The gate beside the reviews: legal, embargo, channels, watching, drills, holds. Each refusal carries the rule's words."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.rules.consequences import PolicyFacts, about_policy, embargo_ends
from approvals.rules.hold import HoldFacts
from approvals.rules.legal import LegalFacts, legal_gate, needs_legal
from approvals.rules.release import may_release
from approvals.rules.review import Given
from policies.rules.decision import Embargo
from tests.approvals.test_rules import APPROVED, NOW, OTHER_WORDS, RELEASE, WORDS

OUTSIDE = frozenset({"customers"})
FLAGGED = LegalFacts(data_breach=True, outside=OUTSIDE)
POLICY = PolicyFacts(
    rule_words="Large customers hear first.",
    now=NOW,
    opened_at=NOW - timedelta(minutes=10),
    audiences=frozenset({"customers", "staff"}),
    outside=OUTSIDE,
    channels=frozenset({"email", "page"}),
)


@given(
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["approve", "request_changes", None]),
    st.sampled_from([WORDS, OTHER_WORDS]),
)
def test_flagged_incidents_go_outside_only_with_legals_approval_of_these_words(
    breach: bool, regulated: bool, outside: bool, verdict: str | None, words: str
) -> None:
    facts = LegalFacts(data_breach=breach, regulated_system=regulated, outside=OUTSIDE if outside else frozenset())
    legal = {"legal": Given("lena", verdict, words)} if verdict else {}
    open_gate = legal_gate(facts, given={**APPROVED, **legal}, content_hash=WORDS) == []
    assert needs_legal(facts) == ((breach or regulated) and outside)
    assert open_gate == (not needs_legal(facts) or (verdict == "approve" and words == WORDS))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"is_drill": True}, "drill"),
        ({"holds": (HoldFacts(True, "Lena", NOW, "Talks are under way"),)}, "held"),
        ({"disputed": True}, "disputed"),
        ({"legal": FLAGGED}, "legal_missing"),
        ({"late_promise": "Promise sooner."}, "late_promise"),
        ({"policy": replace(POLICY, embargo=Embargo(minutes_after_opening=30))}, "embargo"),
        ({"policy": replace(POLICY, embargo=Embargo(until="2026-03-02T14:00:01+00:00", audiences=("staff",)))}, "embargo"),
        ({"policy": replace(POLICY, embargo=Embargo(until="soon"))}, "embargo"),
        ({"policy": replace(POLICY, forbidden_channels=frozenset({"page"}))}, "forbidden_channel"),
        ({"policy": replace(POLICY, watching=True, watching_audiences=frozenset({"staff"}))}, "not_initiated"),
        ({"policy": replace(POLICY, watching=True)}, "not_initiated"),
    ],
)
def test_each_thing_in_the_way_has_its_reason(change: dict[str, Any], code: str) -> None:
    (reason,) = may_release(replace(RELEASE, **change))
    assert reason.code == code
    assert reason.words.endswith(".")


@pytest.mark.parametrize(
    "change",
    [
        {"policy": POLICY},
        {"policy": replace(POLICY, embargo=Embargo(minutes_after_opening=10))},
        {"policy": replace(POLICY, embargo=Embargo(minutes_after_opening=30), outside=frozenset())},
        {"policy": replace(POLICY, embargo=Embargo(minutes_after_opening=30, audiences=("press",)))},
        {"policy": replace(POLICY, forbidden_channels=frozenset({"sms"}))},
        {"policy": replace(POLICY, watching=True, watching_audiences=frozenset({"staff", "customers"}))},
        {"legal": replace(FLAGGED, outside=frozenset())},
        {"legal": FLAGGED, "given": {**APPROVED, "legal": Given("lena", "approve", WORDS)}},
        {"incident_resolved": True, "speaks_of_the_past": True},
    ],
)
def test_what_is_allowed_goes(change: dict[str, Any]) -> None:
    assert may_release(replace(RELEASE, **change)) == []


NAMES = {"customers": "All customers", "staff": "Colleagues"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"legal": replace(FLAGGED, names=NAMES)}, "nothing goes outside (All customers) without"),
        ({"policy": replace(POLICY, names=NAMES, embargo=Embargo(minutes_after_opening=30))}, "All customers may not hear of this"),
        ({"policy": replace(POLICY, names=NAMES, watching=True)}, "All customers, Colleagues may not hear of it"),
        ({"policy": replace(POLICY, forbidden_channels=frozenset({"page"}))}, "forbids the channel public page here"),
        ({"names": NAMES, "outside_scope": {"customers": "is told of checkout alone"}}, "The audience All customers is told of"),
        ({"unknown_audiences": frozenset({"gone"})}, "There is no audience with the key gone any more"),
    ],
)
def test_audiences_and_channels_stand_by_their_names(change: dict[str, Any], words: str) -> None:
    (reason,) = may_release(replace(RELEASE, **change))
    assert words in reason.words


def test_the_words_of_the_rule_stand_in_the_reason() -> None:
    (reason,) = about_policy(replace(POLICY, forbidden_channels=frozenset({"page"})))
    assert "“Large customers hear first.”" in reason.words


@given(st.integers(min_value=0, max_value=10_000), st.integers(min_value=-20_000, max_value=20_000))
def test_an_embargo_ends_at_its_minute_and_not_before(length: int, minute: int) -> None:
    embargo = Embargo(minutes_after_opening=length)
    now = POLICY.opened_at + timedelta(minutes=minute)
    ends = embargo_ends(embargo, opened_at=POLICY.opened_at)
    assert ends is not None
    assert bool(about_policy(replace(POLICY, embargo=embargo, now=now))) == (now < ends)
