"""Going without a further click: as soon as approved, or at a time."""

from datetime import timedelta

import pytest
import redis

from approvals import tasks
from approvals.events import ReleaseHeld, UpdateReleased
from approvals.models import Release, ReleaseSchedule
from approvals.services import run_due_schedules, withdraw_update
from audit.models import Entry
from core import events
from core.clock import utc_now
from incidents.models import Update
from incidents.rules.content import ScheduleMode
from incidents.services import change_incident
from tests.approvals.acts import SOON, approve, approved, ask, draft, edit, release, schedule, state
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[ReleaseHeld]:
    """What was said about releases that did not go."""
    told: list[ReleaseHeld] = []
    monkeypatch.setitem(events._in_transaction, ReleaseHeld, [told.append])
    return told


def plan_of(update: Update) -> ReleaseSchedule:
    return ReleaseSchedule.objects.filter(update_of=update).latest("id")


def test_as_soon_as_approved_goes_with_the_next_tick_in_the_name_of_who_asked(cast: Cast) -> None:
    update = approved(cast, mode=ScheduleMode.AS_SOON_AS_APPROVED)
    assert plan_of(update).due_at == NOW
    assert run_due_schedules(now=NOW) == 1
    done = Release.objects.get(update_of=update)
    assert (done.mode, done.released_by, state(update)) == ("as_soon_as_approved", cast.commander, "released")
    assert plan_of(update).state == "done"
    assert Entry.objects.get(type="update.released").actor == "system:schedule"
    assert run_due_schedules(now=NOW) == 0


def test_at_a_time_goes_then_and_not_before(cast: Cast) -> None:
    update = approved(cast, mode=ScheduleMode.AT_TIME)
    assert plan_of(update).due_at == SOON
    assert run_due_schedules(now=SOON - timedelta(seconds=1)) == 0
    assert run_due_schedules(now=SOON) == 1
    assert Release.objects.get(update_of=update).released_at == SOON


def test_words_approved_long_after_their_time_wait_for_a_person(cast: Cast, held: list[ReleaseHeld]) -> None:
    update = draft(cast, mode=ScheduleMode.AT_TIME)
    ask(cast, update)
    late = SOON + timedelta(minutes=20)
    approve(cast, update, now=late)
    assert run_due_schedules(now=late) == 0
    assert (plan_of(update).state, len(held)) == ("held", 1)


@pytest.mark.django_db(transaction=True)
def test_the_last_approval_nudges_a_worker_through_the_broker_and_its_task_releases(cast: Cast, redis_url: str) -> None:
    broker = redis.Redis.from_url(redis_url)
    broker.delete("celery")
    update, now = draft(cast, mode=ScheduleMode.AS_SOON_AS_APPROVED), utc_now()
    ask(cast, update, now=now)
    approve(cast, update, now=now)
    waiting = list(broker.lrange("celery", 0, -1))
    assert any(b"approvals.run_due_schedules" in task for task in waiting)
    tasks.run_due_schedules()
    assert state(update) == "released"


def test_by_hand_goes_only_when_a_person_says_so(cast: Cast) -> None:
    update = approved(cast)
    assert run_due_schedules(now=NOW + timedelta(days=1)) == 0
    assert state(update) == "approved"


def test_a_person_may_choose_a_time_and_another_time_and_then_not_wait(cast: Cast) -> None:
    update = approved(cast)
    schedule(cast, update)
    schedule(cast, update, at=SOON + timedelta(hours=1))
    assert run_due_schedules(now=SOON) == 0
    release(cast, update)
    assert sorted(ReleaseSchedule.objects.values_list("state", flat=True)) == ["cancelled", "cancelled"]
    assert run_due_schedules(now=SOON + timedelta(hours=1)) == 0


@pytest.mark.parametrize(("late", "goes"), [(timedelta(minutes=15), True), (timedelta(minutes=15, seconds=1), False)])
def test_after_an_outage_a_release_later_than_the_bound_waits_for_a_person(
    cast: Cast, held: list[ReleaseHeld], late: timedelta, goes: bool
) -> None:
    update = approved(cast)
    schedule(cast, update)
    assert run_due_schedules(now=SOON + late) == goes
    assert state(update) == ("released" if goes else "approved")
    assert [event.update_id for event in held] == ([] if goes else [update.pk])
    if not goes:
        assert "Release it by hand if it still holds." in plan_of(update).reason
        assert run_due_schedules(now=SOON + late) == 0
        release(cast, update, now=SOON + late)


def test_an_edit_takes_the_plan_back_and_its_owner_is_told(cast: Cast, held: list[ReleaseHeld]) -> None:
    update = approved(cast)
    schedule(cast, update)
    edit(cast, update, by="techlead")
    assert plan_of(update).state == "held"
    assert "The words were changed" in held[0].reason
    assert run_due_schedules(now=SOON) == 0


def test_a_withdrawn_update_does_not_go(cast: Cast) -> None:
    update = approved(cast)
    schedule(cast, update)
    withdraw_update(actor=cast.actor("commander"), now=NOW, update_id=update.pk)
    assert plan_of(update).state == "cancelled"
    assert run_due_schedules(now=SOON) == 0


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("restricted", "restricted"),
        ("watched", "only watched"),
        ("roles gone", "may no longer release"),
        ("person gone", "may no longer see"),
        ("tampered", "not the ones that were approved"),
    ],
)
def test_what_no_longer_holds_does_not_go_and_the_reason_is_told(
    cast: Cast, held: list[ReleaseHeld], monkeypatch: pytest.MonkeyPatch, what: str, reason: str
) -> None:
    update = approved(cast)
    schedule(cast, update)
    match what:
        case "restricted":
            change_incident(actor=cast.actor("commander"), now=NOW, incident_id=update.incident_id, restricted=True)
        case "watched":
            change_incident(actor=cast.actor("commander"), now=NOW, incident_id=update.incident_id, stage="watching")
        case "roles gone":
            cast.commander.role_assignments.update(role="responder")
        case "person gone":
            type(cast.commander).objects.filter(pk=cast.commander.pk).update(is_active=False)
        case "tampered":
            # What a superuser with triggers switched off could do; the hash is computed anew from the stored words.
            monkeypatch.setattr("incidents.rules.content.Content.hash", lambda _: "f" * 64)
    assert run_due_schedules(now=SOON) == 0
    assert (plan_of(update).state, state(update)) == ("held", "approved")
    assert reason in held[0].reason == plan_of(update).reason
    assert Entry.objects.filter(type="release.held").count() == 1


def test_one_broken_plan_does_not_stop_the_others(cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    broken, sound = approved(cast), approved(cast)
    schedule(cast, broken)
    schedule(cast, sound)
    from_the_start = events._in_transaction.copy()

    def fail_for_broken(event: object) -> None:
        if getattr(event, "update_id", None) == broken.pk:
            raise RuntimeError("a handler fails")

    monkeypatch.setitem(events._in_transaction, UpdateReleased, [*from_the_start[UpdateReleased], fail_for_broken])
    assert run_due_schedules(now=SOON) == 1
    assert (state(broken), state(sound)) == ("approved", "released")
    assert plan_of(broken).state == "pending"
    assert "a handler fails" in caplog.text


def test_the_log_of_a_held_release_names_codes_and_the_notice_names_the_person(cast: Cast, held: list[ReleaseHeld]) -> None:
    update = approved(cast)
    schedule(cast, update)
    cast.commander.role_assignments.all().delete()
    run_due_schedules(now=SOON)
    body = bytes(Entry.objects.get(type="release.held").body).decode()
    assert "requester_" in body
    assert cast.commander.get_full_name() not in body
    assert cast.commander.get_full_name() in held[0].reason
