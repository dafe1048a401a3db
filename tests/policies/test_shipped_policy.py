"""What the shipped policy says, incident by incident."""

from typing import Any

import pytest

from policies.models import PolicyVersion
from policies.queries import active_policy, decide_for, document_of
from policies.rules.analysis import problems
from policies.rules.decision import Outcome, ReviewKind
from policies.rules.facts import Facts

pytestmark = pytest.mark.django_db


def facts(severity: str, stage: str = "confirmed", *, customer_facing: bool = True, category: str = "application", **more: Any) -> Facts:
    return Facts(severity, "major", stage, "investigating", category, customer_facing, False, **more)


@pytest.mark.parametrize(
    ("severity", "outcome", "cadence"),
    [
        ("SEV1", Outcome.REQUIRED, (15, 30, 60)),
        ("SEV2", Outcome.REQUIRED, (30, 60, 120)),
        ("SEV3", Outcome.OPTIONAL, (60, 120, 240)),
        ("SEV4", Outcome.NONE, (None, None, None)),
    ],
)
def test_confirmed_and_customer_facing(severity: str, outcome: Outcome, cadence: tuple[int | None, ...]) -> None:
    decision = decide_for(facts(severity))
    assert decision.outcome is outcome
    assert tuple(decision.minutes_until_next(status) for status in ("investigating", "identified", "monitoring")) == cadence
    assert decision.minutes_until_next("resolved") is None
    assert decision.audiences == ("customers", "internal")


@pytest.mark.parametrize("severity", ["SEV1", "SEV2", "SEV3", "SEV4"])
def test_watching_publishes_nothing(severity: str) -> None:
    decision = decide_for(facts(severity, "watching"))
    assert decision.outcome is Outcome.OPTIONAL
    assert decision.audiences == ("internal",)
    assert not decision.publishes_watching
    assert decision.cadence == {}


@pytest.mark.parametrize("severity", ["SEV1", "SEV2", "SEV3", "SEV4"])
def test_what_customers_do_not_see_is_for_colleagues_only(severity: str) -> None:
    decision = decide_for(facts(severity, customer_facing=False))
    assert decision.outcome is Outcome.OPTIONAL
    assert decision.audiences == ("internal",)


def test_every_decision_asks_for_both_reviews_and_names_its_version() -> None:
    for severity in ("SEV1", "SEV4"):
        decision = decide_for(facts(severity))
        assert [review.kind.value for review in decision.reviews] == ["technical", "communications"]
        assert decision.policy_version == active_policy().number == 2


FLAGS: list[dict[str, Any]] = [{"data_breach": True}, {"regulated_system": True}, {"category": "security"}]


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("severity", ["SEV1", "SEV2", "SEV3", "SEV4"])
@pytest.mark.parametrize("stage", ["watching", "confirmed"])
@pytest.mark.parametrize("customer_facing", [True, False])
def test_what_touches_the_law_is_reviewed_by_legal_and_keeps_its_rhythm(
    flag: dict[str, Any], severity: str, stage: str, *, customer_facing: bool
) -> None:
    plain = decide_for(facts(severity, stage, customer_facing=customer_facing))
    flagged = decide_for(facts(severity, stage, customer_facing=customer_facing, **flag))
    assert plain.review(ReviewKind.LEGAL) is None
    assert flagged.review(ReviewKind.LEGAL) is not None
    assert flagged.review(ReviewKind.PUBLIC_RELATIONS) is None
    assert flagged.audiences == plain.audiences
    if plain.outcome is not Outcome.NONE:
        assert flagged.cadence == plain.cadence


@pytest.mark.parametrize("flag", FLAGS[:2])
def test_a_breach_or_a_regulated_system_that_customers_notice_needs_updates_however_mild(flag: dict[str, Any]) -> None:
    assert decide_for(facts("SEV4", **flag)).outcome is Outcome.REQUIRED


def test_a_long_incident_is_told_of_less_often() -> None:
    decision = decide_for(facts("SEV1"))
    assert decision.reconsider_after_minutes == 480
    assert decision.minutes_until_next("investigating", elapsed_minutes=479) == 15
    assert decision.minutes_until_next("investigating", elapsed_minutes=480) == 60


def test_every_promise_the_policy_makes_lies_within_its_own_bounds() -> None:
    for rule in document_of(active_policy()).all_rules:
        long = rule.then.long_incident.cadence if rule.then.long_incident else {}
        for minutes in [*rule.then.cadence.values(), *long.values()]:
            assert rule.then.promise_bounds is not None
            assert rule.then.promise_bounds[0] <= minutes <= rule.then.promise_bounds[1]


def test_the_other_bounds() -> None:
    decision = decide_for(facts("SEV1"))
    assert decision.training_required
    assert (decision.arbiter_minutes, decision.ratify_within_minutes, decision.late_bound_minutes) == (15, 1440, 15)
    assert not decision.override_fills_legal
    assert decision.embargo is None
    assert decision.forbidden_channels == ()


def test_every_rule_can_decide_and_is_written_out_in_full() -> None:
    assert problems(document_of(active_policy())) == []
    assert document_of(active_policy()).as_json() == active_policy().rules


def test_the_first_shipped_version_is_kept_and_retired() -> None:
    first = PolicyVersion.objects.get(number=1)
    assert (first.state, first.rules[0]["key"]) == ("retired", "customer-sev1")
    assert document_of(first).otherwise.key == "otherwise"


def test_the_rule_says_itself_in_plain_words() -> None:
    assert decide_for(facts("SEV1")).rule_words.startswith(
        "Customer-facing SEV1: updates are required every 15 minutes while investigating"
    )
