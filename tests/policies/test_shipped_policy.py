"""What the shipped policy says, incident by incident."""

import pytest

from policies.queries import active_policy, decide_for
from policies.rules.decision import Outcome
from policies.rules.facts import Facts

pytestmark = pytest.mark.django_db


def facts(severity: str, stage: str = "confirmed", *, customer_facing: bool = True) -> Facts:
    return Facts(severity, "major", stage, "investigating", "application", customer_facing, restricted=False)


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
        assert decision.policy_version == active_policy().number == 1


def test_the_rule_says_itself_in_plain_words() -> None:
    assert decide_for(facts("SEV1")).rule_words.startswith(
        "Customer-facing SEV1: updates are required every 15 minutes while investigating"
    )
