"""The clock of a review: reminder, backup, next tier, holders of the override; each once, late and said so after an outage."""

from datetime import datetime, timedelta

import pytest

from accounts.rules.duties import Duty
from approvals.events import SlotStepDue
from approvals.models import ReviewRound, ReviewSlot, SlotCall, SlotStep
from approvals.queries.waiting import slot_states, who_would_be_asked
from approvals.services import run_slot_steps
from incidents.models import TimelineEntry, Update
from tests.approvals.acts import ask, draft, edit, say
from tests.approvals.test_constraints import Refusal, sql
from tests.support.cast import NOW, Cast
from tests.support.heard import heard
from tests.support.log import audit_types
from tests.support.roster import away, on_rota, untrained

pytestmark = pytest.mark.django_db


def slot_of(round_: ReviewRound, kind: str = "technical") -> ReviewSlot:
    return round_.slots.get(kind=kind)


def at(slot: ReviewSlot, share: int) -> datetime:
    """The moment at which that share of the window, in per cent, is gone."""
    return slot.round.opened_at + (slot.due_at - slot.round.opened_at) * share / 100


def called(slot: ReviewSlot) -> dict[str, str]:
    return {call.user.username: call.step for call in SlotCall.objects.filter(slot=slot).select_related("user")}


def fired(slot: ReviewSlot) -> dict[str, tuple[bool, bool]]:
    """Per step told or passed over: whether passed over, whether late."""
    return {row.step: (row.skipped, row.told_late) for row in SlotStep.objects.filter(slot=slot, fired_at__isnull=False)}


def with_rota(cast: Cast) -> ReviewRound:
    """The technical lead is on duty, the second one their deputy."""
    on_rota(Duty.TECHNICAL, cast.techlead, cast.techlead2)
    return ask(cast, draft(cast))


def test_who_is_on_duty_is_asked_and_the_deputy_is_called_in_when_a_fifth_is_left(cast: Cast) -> None:
    slot = slot_of(with_rota(cast))
    assert called(slot) == {"techlead": ""}
    run_slot_steps(now=at(slot, 79))
    assert called(slot) == {"techlead": ""}
    run_slot_steps(now=at(slot, 80))
    assert called(slot) == {"techlead": "", "techlead2": "backup"}


def test_each_step_is_told_once(cast: Cast) -> None:
    slot = slot_of(with_rota(cast))
    with heard(SlotStepDue) as told:
        for share in (49, 50, 50, 80, 81, 100, 100, 120, 500):
            run_slot_steps(now=at(slot, share))
    mine = [event for event in told if event.slot_id == slot.pk]
    assert [event.step for event in mine] == ["reminder", "backup", "next_tier", "override_holder"]
    assert [event.late for event in mine] == [False] * 4
    assert mine[0].user_ids == (str(cast.techlead.pk),)
    assert mine[1].user_ids == (str(cast.techlead2.pk),)
    assert str(cast.override.pk) in mine[3].user_ids


def test_after_an_outage_the_last_step_alone_is_told_and_late(cast: Cast) -> None:
    slot = slot_of(with_rota(cast))
    with heard(SlotStepDue) as told:
        run_slot_steps(now=NOW + timedelta(hours=5))
        run_slot_steps(now=NOW + timedelta(hours=5))
    (event,) = [event for event in told if event.slot_id == slot.pk]
    assert (event.step, event.late) == ("override_holder", True)
    assert fired(slot) == {
        "reminder": (True, False),
        "backup": (True, False),
        "next_tier": (True, False),
        "override_holder": (False, True),
    }
    assert called(slot).keys() == {"techlead", "techlead2"}
    assert TimelineEntry.objects.filter(text__startswith="Noticed late: Technical review").count() == 1


def test_a_filled_slot_and_a_closed_round_tell_nothing(cast: Cast) -> None:
    update = draft(cast)
    round_ = ask(cast, update)
    say(cast, update, "technical")
    with heard(SlotStepDue) as told:
        run_slot_steps(now=at(slot_of(round_), 50))
    assert [event.slot_id for event in told if event.slot_id == slot_of(round_).pk] == []
    edit(cast, update)
    with heard(SlotStepDue) as told:
        run_slot_steps(now=NOW + timedelta(days=1))
    assert told == []


def test_who_is_absent_or_untrained_is_skipped_and_the_page_says_why(cast: Cast) -> None:
    away(cast.techlead)
    untrained(cast.techlead2)
    update = draft(cast)
    round_ = ask(cast, update)
    ReviewRound.objects.filter(pk=round_.pk).update(training_required=True)
    round_.refresh_from_db()
    states = {state.slot.kind: state for state in slot_states(round_, at=NOW)}
    reasons = {one.user.username: " ".join(one.reasons) for one in states["technical"].skipped}
    assert "absent until" in reasons["techlead"]
    assert "training" in reasons["techlead2"]


def test_where_nobody_can_act_the_holders_of_the_override_are_called_at_once(cast: Cast) -> None:
    away(cast.techlead)
    away(cast.techlead2)
    slot = slot_of(ask(cast, draft(cast)))
    assert called(slot) == {}
    with heard(SlotStepDue) as told:
        run_slot_steps(now=NOW)
    (event,) = told
    assert (event.slot_id, event.step, event.user_ids) == (slot.pk, "override_holder", (str(cast.override.pk),))


def test_the_editor_knows_beforehand_whom_a_request_would_ask(cast: Cast) -> None:
    on_rota(Duty.TECHNICAL, cast.techlead, cast.techlead2)
    update = draft(cast, by="comms")
    content = Update.objects.get(pk=update.pk).current
    assert content is not None
    would = {one.kind: one for one in who_would_be_asked(update, content.parsed(), asking=cast.comms, at=NOW)}
    assert [user.username for user in would["technical"].asked] == ["techlead"]
    assert [user.username for user in would["technical"].next_up] == ["techlead2"]
    assert [one.user.username for one in would["communications"].skipped] == ["comms"]
    slot = slot_of(ask(cast, update, by="comms"))
    assert called(slot) == {"techlead": ""}


def test_every_step_is_in_the_log(cast: Cast) -> None:
    round_ = with_rota(cast)
    run_slot_steps(now=at(slot_of(round_), 50))
    assert "review.step" in audit_types(f"update:{round_.update_of.public_id}")


def test_a_step_that_was_told_is_never_told_again_or_moved(cast: Cast) -> None:
    slot = slot_of(with_rota(cast))
    run_slot_steps(now=at(slot, 50))
    step = SlotStep.objects.get(slot=slot, step="reminder")
    with Refusal("approvals_step_told_once"):
        SlotStep.objects.filter(pk=step.pk).update(fired_at=None)
    with Refusal("approvals_step_told_once"):
        SlotStep.objects.filter(slot=slot, step="backup").update(due_at=NOW)
    with Refusal("approvals_step_told_once"):
        sql("DELETE FROM approvals_slotstep")
    with Refusal("approvals_step_once_per_slot"):
        SlotStep.objects.create(slot=slot, step="backup", due_at=NOW)
    with Refusal("approvals_step_known"):
        SlotStep.objects.create(slot=slot, step="someday", due_at=NOW)


def test_whom_a_slot_called_stays_on_record(cast: Cast) -> None:
    slot = slot_of(with_rota(cast))
    with Refusal("approvals_call_immutable"):
        sql("DELETE FROM approvals_slotcall")
    with Refusal("approvals_called_once"):
        SlotCall.objects.create(slot=slot, user=cast.techlead, tier=0, called_at=NOW)


def test_a_slot_asks_for_a_kind_that_there_is(cast: Cast) -> None:
    round_ = ask(cast, draft(cast))
    with Refusal("approvals_slot_kind_known"):
        ReviewSlot.objects.create(round=round_, kind="astrology", due_at=NOW)
