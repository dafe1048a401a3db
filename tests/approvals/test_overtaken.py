"""A release is judged by what the policy answers at that moment, also where no tick has asked it since the answer changed."""

from datetime import timedelta

import pytest

from approvals.models import ReleaseSchedule
from approvals.services import run_due_schedules
from core.errors import Conflict, DomainError
from incidents.models import Incident
from incidents.queries import current_decision
from incidents.rules.content import ScheduleMode
from incidents.services import reconsider_due
from statuscomms.ticks import TICKS
from tests.approvals.acts import approve, approved, ask, draft, release, schedule, state
from tests.approvals.disputing import half_reviewed, override
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident
from tests.support.holding import approved_statement, let_out_holding
from tests.support.policies import put_in_force, rules_in_force

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
# The clocks stood still from the 58th minute to this one.
BACK = NOW + 65 * MINUTE


@pytest.fixture(autouse=True)
def late_rule(cast: Cast) -> None:
    """After an hour legal reviews too, and nothing leaves before ten hours have passed."""
    rules = rules_in_force()
    strict = next(rule for rule in rules_in_force() if rule["key"] == "flagged-sev1")
    strict |= {"key": "old", "words": "Old incidents wait.", "when": {"op": "at_least", "fact": "elapsed_minutes", "value": 60}}
    strict["then"] |= {
        "reviews": [{"kind": kind, "window_minutes": 15} for kind in ("technical", "communications", "legal")],
        "embargo": {"minutes_after_opening": 600, "until": None, "audiences": []},
    }
    put_in_force(cast, [strict, *rules])


def decided_by(incident: Incident) -> str:
    return current_decision(incident).rule_key


def test_a_plan_is_held_where_the_ticks_come_back_later_than_the_answer_changed(cast: Cast) -> None:
    update = approved(cast)
    plan = schedule(cast, update, at=NOW + 62 * MINUTE)
    reconsider_due(now=NOW + 58 * MINUTE)
    assert run_due_schedules(now=BACK) == 0
    plan.refresh_from_db()
    assert (plan.state, state(update), decided_by(update.incident)) == ("held", "approved", "old")
    assert "legal review" in plan.reason
    assert current_decision(update.incident).cause == "time passed: 65 minutes since it was opened"


def test_the_tick_that_decides_again_comes_before_all_that_reads_the_decision() -> None:
    assert next(iter(TICKS)) == "reconsider incidents"


def test_what_goes_as_soon_as_it_is_approved_is_held_too(cast: Cast) -> None:
    update = draft(cast, mode=ScheduleMode.AS_SOON_AS_APPROVED)
    ask(cast, update)
    approve(cast, update, now=BACK)
    assert run_due_schedules(now=BACK) == 0
    assert state(update) == "approved"
    assert "legal review" in ReleaseSchedule.objects.get(update_of=update).reason


def test_nobody_releases_it_by_hand(cast: Cast) -> None:
    update = approved(cast)
    with pytest.raises(Conflict) as refused:
        release(cast, update, now=BACK)
    assert "legal review" in refused.value.message
    assert state(update) == "approved"


def test_no_override_lets_it_out(cast: Cast) -> None:
    update = half_reviewed(cast)
    with pytest.raises(Conflict) as refused:
        override(cast, update, now=BACK)
    assert "legal review" in refused.value.message
    assert state(update) == "in_review"


def test_no_statement_goes_out(cast: Cast) -> None:
    version = approved_statement(cast)
    incident = make_incident(actor=cast.actor("commander"), components=[make_component(name="Checkout")])
    with pytest.raises(DomainError) as refused:
        let_out_holding(cast, incident, version, now=BACK)
    assert refused.value.code == "embargo"
    assert not incident.updates.filter(state="released").exists()


def test_before_that_it_goes(cast: Cast) -> None:
    update = approved(cast)
    release(cast, update, now=NOW + 59 * MINUTE)
    assert state(update) == "released"
