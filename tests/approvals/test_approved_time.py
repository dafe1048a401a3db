"""The time in the content is approved with the words: nothing lets them out at another."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.models import ReleaseSchedule
from approvals.queries import release_reasons
from approvals.rules.release import other_time
from approvals.services import run_due_schedules
from core.errors import Conflict
from incidents.models import Update
from incidents.rules.content import ScheduleMode
from tests.approvals.acts import SOON, approved, ask, draft, release, schedule, state
from tests.approvals.disputing import override
from tests.support.cast import NOW, Cast

BOUND = timedelta(minutes=16)


@pytest.mark.django_db
def test_it_is_not_let_out_by_hand_before_the_approved_time(cast: Cast) -> None:
    update = approved(cast, mode=ScheduleMode.AT_TIME)
    with pytest.raises(Conflict) as refused:
        release(cast, update, now=SOON - timedelta(seconds=1))
    assert (refused.value.code, state(update)) == ("other_time", "approved")
    assert refused.value.message.endswith("Change the time in the draft: it is an edit of reach.")
    assert [reason.code for reason in release_reasons(Update.objects.get(pk=update.pk), NOW)] == ["other_time"]


@pytest.mark.django_db
@pytest.mark.parametrize("by", [timedelta(seconds=-1), timedelta(hours=2)])
def test_it_is_planned_for_no_other_time(cast: Cast, by: timedelta) -> None:
    update = approved(cast, mode=ScheduleMode.AT_TIME)
    with pytest.raises(Conflict) as refused:
        schedule(cast, update, at=SOON + by)
    assert refused.value.code == "other_time"
    assert ReleaseSchedule.objects.get(update_of=update, state="pending").due_at == SOON
    assert schedule(cast, update, at=SOON).due_at == SOON


@pytest.mark.django_db
@pytest.mark.parametrize("by", [timedelta(minutes=-30), timedelta(minutes=30)])
def test_a_plan_for_another_time_lets_nothing_out_whoever_wrote_it(cast: Cast, by: timedelta) -> None:
    update = approved(cast, mode=ScheduleMode.AT_TIME)
    ReleaseSchedule.objects.filter(update_of=update).update(due_at=SOON + by)
    assert run_due_schedules(now=SOON + by) == 0
    assert "goes at no other time" in ReleaseSchedule.objects.get(update_of=update, state="held").reason


@pytest.mark.django_db
def test_held_as_too_late_a_person_lets_it_out_by_hand_but_plans_no_other_time(cast: Cast) -> None:
    update, late = approved(cast, mode=ScheduleMode.AT_TIME), SOON + BOUND
    assert run_due_schedules(now=late) == 0
    with pytest.raises(Conflict) as refused:
        schedule(cast, update, at=late + timedelta(hours=1), now=late)
    assert refused.value.code == "other_time"
    assert release(cast, update, now=late).released_at == late


@pytest.mark.django_db
def test_an_override_does_not_let_it_out_before_its_time(cast: Cast) -> None:
    update = draft(cast, mode=ScheduleMode.AT_TIME)
    ask(cast, update)
    early = SOON - timedelta(minutes=20)
    with pytest.raises(Conflict) as refused:
        override(cast, update, now=early)
    assert refused.value.code == "other_time"
    assert override(cast, update, now=SOON).overridden


@pytest.mark.django_db
def test_what_goes_as_soon_as_approved_is_planned_for_no_later_time(cast: Cast) -> None:
    update = approved(cast, mode=ScheduleMode.AS_SOON_AS_APPROVED)
    with pytest.raises(Conflict) as refused:
        schedule(cast, update)
    assert refused.value.code == "other_time"
    assert "as soon as it is approved" in refused.value.message
    plan = ReleaseSchedule.objects.get(update_of=update)
    assert (plan.state, plan.due_at, plan.mode) == ("pending", NOW, "as_soon_as_approved")
    assert release(cast, update).mode == "by_hand"


@pytest.mark.django_db
def test_nor_once_its_own_plan_was_held_but_a_person_lets_it_out(cast: Cast) -> None:
    update, late = approved(cast, mode=ScheduleMode.AS_SOON_AS_APPROVED), NOW + BOUND
    assert run_due_schedules(now=late) == 0
    with pytest.raises(Conflict) as refused:
        schedule(cast, update, at=late + timedelta(hours=1), now=late)
    assert refused.value.code == "other_time"
    assert release(cast, update, now=late).released_at == late


@pytest.mark.django_db
def test_a_plan_written_past_every_service_for_what_goes_at_once_lets_nothing_out(cast: Cast) -> None:
    update = approved(cast, mode=ScheduleMode.AS_SOON_AS_APPROVED)
    ReleaseSchedule.objects.filter(update_of=update).update(due_at=SOON, mode="at_time")
    assert run_due_schedules(now=SOON) == 0
    assert "planned for no later time" in ReleaseSchedule.objects.get(update_of=update, state="held").reason


MOMENTS = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2026, 1, 2), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, MOMENTS, st.booleans())
def test_planned_exactly_then_and_by_hand_not_before(goes_at: datetime, at: datetime, planned: bool) -> None:
    allowed = other_time(goes_at=goes_at, at=at, planned=planned) == []
    assert allowed == (at == goes_at if planned else at >= goes_at)
    assert other_time(goes_at=None, at=at, planned=planned) == []
    assert bool(other_time(goes_at=None, at=at, planned=planned, when_approved=True)) == planned
