"""What an arbiter reworded goes by itself no more: who asked for it had asked for other words."""

import pytest

from accounts.models import RoleAssignment
from accounts.rules.roles import Role
from approvals.models import ReleaseSchedule
from approvals.queries.planned import about_plan
from approvals.services import hold_other_times, run_due_schedules
from incidents.models import Update
from incidents.rules.content import ScheduleMode
from notifications.models import Message
from tests.approvals.acts import SOON, approve, approved, ask, draft, edit, release, say, schedule, state
from tests.approvals.disputing import dispute, rule
from tests.approvals.test_constraints import Refusal
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db
BY_ITSELF = [ScheduleMode.AS_SOON_AS_APPROVED, ScheduleMode.AT_TIME]


def reworded(cast: Cast, mode: ScheduleMode, ruling: str = "reword") -> Update:
    """Asked to go by itself; a passage was disputed and ruled on. Where everybody is asked again, everybody approves."""
    update = draft(cast, mode=mode)
    ask(cast, update)
    say(cast, update, "technical")
    rule(cast, dispute(cast, update), ruling, words="Our engineers look into it." if ruling == "reword" else "")
    if ruling == "reword":
        say(cast, update, "technical")
    say(cast, update, "communications")
    assert state(update) == "approved"
    return update


def plan(update: Update) -> ReleaseSchedule:
    return ReleaseSchedule.objects.filter(update_of=update).first() or ReleaseSchedule()


@pytest.mark.parametrize("mode", BY_ITSELF)
def test_it_waits_for_a_person_and_its_owner_is_told(cast: Cast, mode: ScheduleMode) -> None:
    update = reworded(cast, mode)
    found = plan(update)
    assert (found.state, found.requested_by) == ("held", cast.commander)
    assert "The arbiter put other words in place" in found.reason
    assert run_due_schedules(now=SOON) == 0
    assert Message.objects.filter(source_key=f"held:{found.pk}").exists()
    page = cast.client("commander").get(f"/console/updates/{update.public_id}/release/").content.decode()
    assert "The arbiter put other words in place" in page


def test_somebody_who_may_release_confirms_by_hand_or_for_the_time_approved(cast: Cast) -> None:
    assert release(cast, reworded(cast, ScheduleMode.AS_SOON_AS_APPROVED)).released_by == cast.commander
    at_time = reworded(cast, ScheduleMode.AT_TIME)
    assert schedule(cast, at_time, at=SOON).state == "pending"
    assert run_due_schedules(now=SOON) == 1


@pytest.mark.parametrize("mode", BY_ITSELF)
def test_struck_it_goes_as_was_asked(cast: Cast, mode: ScheduleMode) -> None:
    assert plan(reworded(cast, mode, "strike")).state == "pending"


def test_struck_after_a_rewording_it_still_waits(cast: Cast) -> None:
    update = draft(cast, mode=ScheduleMode.AS_SOON_AS_APPROVED)
    ask(cast, update)
    rule(cast, dispute(cast, update), "reword", words="Our engineers look into it.")
    RoleAssignment.objects.create(user=cast.pr, role=Role.ARBITER)
    rule(cast, dispute(cast, update, quote="Some payments fail.", kind="technical"), "strike", by="pr")
    approve(cast, update)
    assert plan(update).state == "held"


def test_asked_for_again_it_goes_by_itself(cast: Cast) -> None:
    update = reworded(cast, ScheduleMode.AS_SOON_AS_APPROVED)
    edit(cast, update)
    ask(cast, update)
    approve(cast, update)
    assert plan(update).state == "pending"


def test_which_ruling_opened_a_round_stays(cast: Cast) -> None:
    update = reworded(cast, ScheduleMode.BY_HAND)
    opened = update.rounds.get(opened_by_ruling__kind="reword")
    with Refusal("approvals_round_moves"):
        update.rounds.filter(pk=opened.pk).update(opened_by_ruling=None)


def test_a_plan_for_a_time_that_the_words_do_not_name_is_held_at_once_and_told(cast: Cast) -> None:
    update, fine = approved(cast, mode=ScheduleMode.AS_SOON_AS_APPROVED), approved(cast)
    kept = schedule(cast, fine)
    ReleaseSchedule.objects.filter(update_of=update).update(due_at=SOON, mode="at_time")
    assert about_plan(plan(update))
    assert [hold_other_times(now=NOW), hold_other_times(now=NOW)] == [1, 0]
    found = plan(update)
    assert found.state == "held"
    assert "planned for no later time" in found.reason
    assert Message.objects.filter(source_key=f"held:{found.pk}").count() == 1
    assert ReleaseSchedule.objects.get(pk=kept.pk).state == "pending"


def test_what_is_due_is_left_to_the_release(cast: Cast) -> None:
    update = approved(cast, mode=ScheduleMode.AS_SOON_AS_APPROVED)
    ReleaseSchedule.objects.filter(update_of=update).update(due_at=SOON, mode="at_time")
    assert hold_other_times(now=SOON) == 0
