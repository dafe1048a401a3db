"""What was decided, stored and read again; and the minutes it promises."""

import json

import pytest

from policies.rules.decision import (
    Consequences,
    Decision,
    Embargo,
    LongIncident,
    Outcome,
    ReviewKind,
    ReviewRequirement,
)
from policies.rules.facts import Facts

DECISION = Decision(
    outcome=Outcome.REQUIRED,
    rule_key="worst",
    rule_words="The worst.",
    policy_version=3,
    cadence={"investigating": 30, "identified": 60},
    reviews=(ReviewRequirement(ReviewKind.TECHNICAL, 15), ReviewRequirement(ReviewKind.LEGAL, 60)),
    audiences=("customers", "internal"),
    publishes_watching=False,
    cadence_by_audience={"internal": {"investigating": 15}},
    long_incident=LongIncident(240, {"investigating": 120}),
    promise_bounds=(15, 120),
    watching_audiences=("internal",),
    training_required=True,
    forbidden_channels=("sms",),
    embargo=Embargo(minutes_after_opening=30, audiences=("customers",)),
    required_templates={"customers": "breach"},
    arbiter_minutes=10,
    override_fills_legal=True,
    ratify_within_minutes=60,
    late_bound_minutes=5,
    reconsider_after_minutes=240,
)


def test_a_decision_comes_back_from_storage_as_it_was() -> None:
    stored = json.loads(json.dumps(DECISION.as_json()))
    assert stored == DECISION.as_json()
    assert Decision.from_json(stored) == DECISION


def test_a_decision_stored_before_there_was_more_to_decide_reads_with_the_safe_defaults() -> None:
    old = {
        "outcome": "none", "rule_key": "k", "rule_words": "w", "policy_version": 1, "cadence": {}, "reviews": [], "audiences": [],
        "publishes_watching": False, "something_unknown": 1,
    }  # fmt: skip
    read = Decision.from_json(old)
    assert (read.embargo, read.long_incident, read.promise_bounds, read.forbidden_channels) == (None, None, None, ())
    assert (read.override_fills_legal, read.ratify_within_minutes, read.late_bound_minutes) == (False, 1440, 15)
    assert read.reconsider_after_minutes is None
    assert read.training_required


@pytest.mark.parametrize(
    ("status", "audiences", "age", "minutes"),
    [
        ("investigating", (), 0, 30),
        ("investigating", ("customers",), 0, 30),
        ("investigating", ("customers", "internal"), 0, 15),
        ("identified", ("internal",), 0, 60),
        ("monitoring", ("internal",), 0, None),
        ("investigating", ("internal",), 239, 15),
        ("investigating", ("internal",), 240, 120),
        ("identified", (), 240, 60),
    ],
)
def test_the_shortest_promise_to_any_audience_counts_until_the_incident_is_long(
    status: str, audiences: tuple[str, ...], age: int, minutes: int | None
) -> None:
    assert DECISION.minutes_until_next(status, audiences=audiences, elapsed_minutes=age) == minutes


def test_the_stored_consequences_are_what_a_rule_writes() -> None:
    then = Consequences.from_json(DECISION.as_json())
    assert set(then.as_json()) == set(DECISION.as_json()) - {"rule_key", "rule_words", "policy_version", "reconsider_after_minutes"}


def test_facts_come_back_from_storage_as_they_were_and_old_ones_read() -> None:
    facts = Facts(
        "SEV1", "major", "confirmed", "identified", "security", customer_facing=True, restricted=True,
        tags=("pci",), outage_scope="full", expected_minutes=0, components=("checkout",), data_breach=True, jurisdictions=("DE",),
    )  # fmt: skip
    stored = json.loads(json.dumps(facts.as_json()))
    assert stored == facts.as_json()
    assert Facts.from_json(stored) == facts
    old = {name: stored[name] for name in ("severity", "impact", "stage", "status", "category", "customer_facing", "restricted")}
    assert Facts.from_json(old).expected_minutes is None
