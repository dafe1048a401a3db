"""How late the next update may be promised is asked again at release: severity and policy may have changed since the request."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.models import ReleaseSchedule
from approvals.queries import release_reasons
from approvals.services import run_due_schedules
from core.errors import Conflict, InvalidInput
from incidents.models import Update
from incidents.rules.content import Content, ScheduleMode
from incidents.rules.content_check import late_promise, promise_problem
from incidents.rules.content_edit import ContentEdit, Schedule
from incidents.services import change_incident, revise_update
from tests.approvals.acts import REVIEWERS, SOON, approve, ask, release, say, schedule, state
from tests.approvals.disputing import LATER, override
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident, make_update
from tests.support.holding import approved_statement, let_out_holding
from tests.support.policies import put_in_force, rules_in_force

pytestmark = pytest.mark.django_db
FOUR_HOURS = 240
WHY = "The provider answers tonight."


def promising(
    cast: Cast, minutes: int | None = FOUR_HOURS, *, mode: ScheduleMode = ScheduleMode.BY_HAND, reason: str | None = None
) -> Update:
    """In review on a SEV3 incident, where the shipped policy leaves up to eight hours to a person; on a SEV1 it leaves two."""
    incident = make_incident(actor=cast.actor("commander"), severity="SEV3")
    at = SOON if mode is ScheduleMode.AT_TIME else None
    edit = ContentEdit(next_update_minutes=minutes, schedule=Schedule(mode, at), promise_reason=reason)
    update = make_update(incident=incident, actor=cast.actor("commander"), status="monitoring", edit=edit)
    ask(cast, update)
    return update


def promised(cast: Cast, minutes: int | None = FOUR_HOURS, reason: str | None = None) -> Update:
    """The same, approved."""
    update = promising(cast, minutes, reason=reason)
    approve(cast, update)
    return update


def worsen(cast: Cast, update: Update) -> None:
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=update.incident_id, severity="SEV1")


def reasons(update: Update) -> list[str]:
    return [reason.code for reason in release_reasons(Update.objects.get(pk=update.pk), NOW)]


def test_a_promise_that_the_policy_leaves_to_nobody_any_more_is_not_made(cast: Cast) -> None:
    update = promised(cast)
    assert reasons(update) == []
    worsen(cast, update)
    assert reasons(update) == ["late_promise"]
    with pytest.raises(Conflict) as refused:
        release(cast, update)
    assert refused.value.code == "late_promise"
    assert "leaves 5 to 120 minutes to you" in refused.value.message
    assert "say why 240 minutes are right" in refused.value.message
    assert state(update) == "approved"


def test_another_cadence_and_bounds_by_policy_hold_it_too(cast: Cast) -> None:
    update = promised(cast)
    put_in_force(cast, rules_in_force(promise_bounds=[10, 60], cadence={"monitoring": 30}, long_incident=None))
    assert reasons(update) == ["late_promise"]


def test_word_promised_sooner_than_the_policy_leaves_goes_out(cast: Cast) -> None:
    """Who reads the update hears sooner; nothing is gained by making them wait for it."""
    update = promised(cast, 60)
    put_in_force(cast, rules_in_force(promise_bounds=[120, 480], cadence={"monitoring": 240}, long_incident=None))
    assert reasons(update) == []


def test_a_promise_with_a_reason_that_was_approved_stands(cast: Cast) -> None:
    update = promised(cast, reason=WHY)
    worsen(cast, update)
    release(cast, update)
    assert state(update) == "released"


def test_none_promised_where_the_policy_now_wants_one(cast: Cast) -> None:
    put_in_force(cast, rules_in_force(cadence={}, long_incident=None))
    update = promised(cast, None)
    put_in_force(cast, rules_in_force(cadence={"monitoring": 30}, promise_bounds=[10, 60]))
    assert reasons(update) == ["late_promise"]


def test_edited_and_approved_again_it_goes(cast: Cast) -> None:
    update = promised(cast)
    worsen(cast, update)
    assert update.current is not None
    sooner = ContentEdit(next_update_minutes=90).apply(update.current.parsed())
    revise_update(actor=cast.actor("commander"), now=NOW, update_id=update.pk, base_revision=1, content=sooner)
    ask(cast, update)
    approve(cast, update)
    release(cast, update)


def test_nothing_is_planned_with_it_and_a_plan_is_held(cast: Cast) -> None:
    update = promised(cast)
    plan = schedule(cast, update)
    worsen(cast, update)
    with pytest.raises(Conflict) as refused:
        schedule(cast, update)
    assert refused.value.code == "late_promise"
    assert run_due_schedules(now=SOON) == 0
    plan.refresh_from_db()
    assert plan.state == "held"
    assert "wants word sooner" in plan.reason


def test_what_goes_as_soon_as_it_is_approved_waits_for_a_person(cast: Cast) -> None:
    update = promising(cast, mode=ScheduleMode.AS_SOON_AS_APPROVED)
    worsen(cast, update)
    for kind in REVIEWERS:
        say(cast, update, kind)
    assert run_due_schedules(now=NOW) == 0
    assert state(update) == "approved"
    assert "wants word sooner" in ReleaseSchedule.objects.get(update_of=update).reason


def test_what_goes_at_a_time_is_asked_for_that_time_before_reviewers_are(cast: Cast) -> None:
    """By then the incident is a long one, of which the policy wants word sooner."""
    long = {"after_minutes": 50, "cadence": {"investigating": 20}}
    rules = rules_in_force(promise_bounds=[5, 30], cadence={"investigating": 45}, cadence_by_audience={}, long_incident=long)
    put_in_force(cast, rules)
    incident = make_incident(actor=cast.actor("commander"))
    at_time = ContentEdit(schedule=Schedule(ScheduleMode.AT_TIME, SOON))
    update = make_update(incident=incident, actor=cast.actor("commander"), edit=at_time)
    with pytest.raises(InvalidInput) as refused:
        ask(cast, update)
    assert "say why 45 minutes are right" in refused.value.fields["next_update_minutes"][0]
    assert update.current is not None
    sooner = ContentEdit(next_update_minutes=20).apply(update.current.parsed())
    revise_update(actor=cast.actor("commander"), now=NOW, update_id=update.pk, base_revision=1, content=sooner)
    ask(cast, update)
    approve(cast, update)
    assert run_due_schedules(now=SOON) == 1


def test_no_override_makes_it(cast: Cast) -> None:
    update = promising(cast)
    worsen(cast, update)
    with pytest.raises(Conflict) as refused:
        override(cast, update, now=LATER)
    assert refused.value.code == "late_promise"


@given(
    minutes=st.none() | st.integers(1, 600),
    asked=st.none() | st.integers(1, 600),
    bounds=st.none() | st.tuples(st.integers(1, 300), st.integers(300, 600)),
    reason=st.sampled_from([None, WHY]),
)
def test_what_may_be_put_to_reviewers_may_leave_and_besides_only_what_is_sooner(
    minutes: int | None, asked: int | None, bounds: tuple[int, int] | None, reason: str | None
) -> None:
    content = Content(status="monitoring", impact="major", next_update_minutes=minutes, promise_reason=reason)
    asking = promise_problem(content, policy_minutes=asked, bounds=bounds)
    leaving = late_promise(content, policy_minutes=asked, bounds=bounds)
    assert leaving in {"", asking}
    if asking and not leaving:
        assert bounds is not None
        assert minutes is not None
        assert minutes < max(bounds[0], asked or 0)


def test_the_page_of_the_release_says_it(cast: Cast) -> None:
    update = promised(cast)
    worsen(cast, update)
    page = cast.client("commander").get(f"/console/updates/{update.public_id}/release/").content.decode()
    assert "leaves 5 to 120 minutes to you" in page
    assert "Then ask for review again." in page


def test_a_statement_promises_what_the_policy_asks_for_whatever_it_leaves_to_people(cast: Cast) -> None:
    version = approved_statement(cast)
    put_in_force(cast, rules_in_force(promise_bounds=[1, 5]))
    done = let_out_holding(cast, make_incident(actor=cast.actor("commander"), components=[make_component(name="Checkout")]), version)
    assert done.revision.parsed().next_update_minutes == 15
