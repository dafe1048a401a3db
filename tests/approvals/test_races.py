"""Two people at the same moment, over two real connections: first without the lock, to show that there is a race; then with it."""

import sys
import threading
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from approvals.models import Release, ReleaseSchedule, Review, SlotStep
from approvals.services import run_due_schedules, run_slot_steps
from catalogue.models import Component
from catalogue.rules.status import ComponentStatus
from catalogue.services import set_component_status
from core.errors import Busy, Conflict, StaleRevision
from incidents.models import Incident, Update
from incidents.rules.content import ComponentState, ScheduleMode
from incidents.rules.content_edit import ContentEdit
from incidents.services import revise_update
from tests.approvals.acts import approve, approved, ask, draft, edit, release, say, schedule, state
from tests.approvals.test_constraints import Refusal, release_row
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident, make_update
from tests.support.meeting import Person, comes, meet_after

pytestmark = pytest.mark.django_db(transaction=True)

VERDICT = sys.modules["approvals.services.give_verdict"]
APPROVING = sys.modules["approvals.services.approving"]
RELEASE = sys.modules["approvals.services.release_update"]
LOCKING = sys.modules["approvals.services.locking"]


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LOCKING, "locked", lambda updates: updates)
    monkeypatch.setattr(RELEASE, "lock_incident", lambda update: Incident.objects.get(pk=update.incident_id))


def two_reviewers(cast: Cast, update: Update) -> None:
    both = [Person(lambda kind=kind: say(cast, update, kind)) for kind in ("technical", "communications")]  # type: ignore[misc]  # bound early
    assert [person.done() for person in both] == [None, None]
    assert Review.objects.filter(round__update_of=update, verdict="approve").count() == 2


def test_without_the_lock_two_approvals_at_once_lose_the_approval(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    update = draft(cast)
    round_ = ask(cast, update)
    without_locks(monkeypatch)
    meeting = meet_after(monkeypatch, APPROVING, "given_verdicts")
    two_reviewers(cast, update)
    assert meeting.met
    assert state(update) == "in_review"
    # Even so nothing gets out: the round was never approved.
    with Refusal("approvals_release_needs_approvals"):
        release_row(update, round_, cast)


def test_with_the_lock_the_second_of_two_approvals_at_once_approves(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    update = draft(cast)
    ask(cast, update)
    meeting = meet_after(monkeypatch, APPROVING, "given_verdicts")
    two_reviewers(cast, update)
    assert not meeting.met
    assert state(update) == "approved"


def approval_beside_edit(cast: Cast, update: Update, monkeypatch: pytest.MonkeyPatch) -> tuple[Exception | None, str]:
    """The last reviewer has passed every rule and is about to approve when the author saves another revision."""
    seen = ""
    looked, edited = threading.Event(), threading.Event()
    look = VERDICT.live_round

    def look_and_wait(update: Update) -> Any:
        nonlocal seen
        found = look(update)
        seen = found.state
        looked.set()
        comes(edited)
        return found

    monkeypatch.setattr(VERDICT, "live_round", look_and_wait)
    reviewer = Person(lambda: say(cast, update, "communications"))
    assert looked.wait(5)

    def save() -> None:
        edit(cast, update)
        edited.set()

    author = Person(save)
    assert author.done() is None
    return reviewer.done(), seen


def test_without_the_lock_an_approval_falls_on_words_that_changed_and_only_the_database_stops_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = draft(cast)
    ask(cast, update)
    say(cast, update, "technical")
    without_locks(monkeypatch)
    error, seen = approval_beside_edit(cast, update, monkeypatch)
    assert seen == "open"
    assert isinstance(error, IntegrityError)
    assert "a verdict belongs to a slot of an open round" in str(error)
    assert state(update) == "draft"


def test_with_the_lock_the_edit_waits_for_the_approval_and_voids_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    update = draft(cast)
    round_ = ask(cast, update)
    say(cast, update, "technical")
    error, seen = approval_beside_edit(cast, update, monkeypatch)
    assert (error, seen) == (None, "open")
    round_.refresh_from_db()
    assert (state(update), round_.state, round_.reviews.count()) == ("draft", "voided", 2)


def test_with_the_lock_an_approval_waits_for_the_edit_and_is_out_of_date(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    with transaction.atomic():
        edit(cast, update)
        reviewer = Person(lambda: say(cast, update, "technical"))
        assert reviewer.is_stuck()
    assert isinstance(reviewer.done(), Conflict)
    assert not Review.objects.exists()


def test_the_second_of_two_edits_at_once_is_out_of_date(cast: Cast) -> None:
    update = draft(cast)
    assert update.current is not None
    content = ContentEdit(next_update_minutes=7).apply(update.current.parsed())
    techlead = cast.actor("techlead")
    with transaction.atomic():
        edit(cast, update)
        author = Person(lambda: revise_update(actor=techlead, now=NOW, update_id=update.pk, base_revision=1, content=content))
        assert author.is_stuck()
    assert isinstance(author.done(), StaleRevision)


def two_releases(cast: Cast, update: Update) -> list[Exception]:
    both = [Person(lambda: release(cast, update)) for _ in range(2)]
    return [error for person in both if (error := person.done()) is not None]


def test_without_the_lock_two_releases_pass_the_gate_and_the_database_lets_one_through(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    update = approved(cast)
    without_locks(monkeypatch)
    meeting = meet_after(monkeypatch, RELEASE, "blockers")
    (error,) = two_releases(cast, update)
    assert meeting.met
    # A unique key or, as each has looked at the same rows, the end of a deadlock.
    assert isinstance(error, IntegrityError | Busy)
    assert Release.objects.count() == 1


def test_with_the_lock_the_second_of_two_releases_is_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    update = approved(cast)
    meeting = meet_after(monkeypatch, RELEASE, "blockers")
    (error,) = two_releases(cast, update)
    assert not meeting.met
    assert isinstance(error, Conflict)
    assert error.code == "already_released"
    assert Release.objects.count() == 1


def test_a_release_waits_for_an_edit_and_is_out_of_date(cast: Cast) -> None:
    update = approved(cast)
    with transaction.atomic():
        edit(cast, update)
        releaser = Person(lambda: release(cast, update))
        assert releaser.is_stuck()
    assert isinstance(releaser.done(), StaleRevision)
    assert not Release.objects.exists()


def test_a_release_waits_for_the_incident_to_become_restricted_and_is_refused(cast: Cast) -> None:
    update = approved(cast)
    incidents = Incident.objects.filter(pk=update.incident_id)
    with transaction.atomic():
        incidents.select_for_update(no_key=True).get()
        incidents.update(restricted=True)
        releaser = Person(lambda: release(cast, update))
        assert releaser.is_stuck()
    error = releaser.done()
    assert isinstance(error, Conflict)
    assert error.code == "restricted"


def test_two_ticks_at_once_release_once(cast: Cast) -> None:
    update = approved(cast, mode=ScheduleMode.AS_SOON_AS_APPROVED)
    both = [Person(lambda: run_due_schedules(now=NOW)) for _ in range(2)]
    assert [person.done() for person in both] == [None, None]
    assert sorted(int(str(person.answer)) for person in both) == [0, 1]
    assert Release.objects.get().update_of == update


def test_a_tick_passes_over_what_somebody_holds_and_takes_it_next_time(cast: Cast) -> None:
    update = approved(cast)
    plan = schedule(cast, update)
    with transaction.atomic():
        ReleaseSchedule.objects.select_for_update().get(pk=plan.pk)
        tick = Person(lambda: run_due_schedules(now=plan.due_at))
        assert not tick.is_stuck()
        assert (tick.done(), tick.answer) == (None, 0)
    assert run_due_schedules(now=plan.due_at) == 1


def test_two_ticks_at_once_tell_a_step_once(cast: Cast) -> None:
    round_ = ask(cast, draft(cast))
    due = max(slot.due_at for slot in round_.slots.all())
    both = [Person(lambda: run_slot_steps(now=due)) for _ in range(2)]
    assert [person.done() for person in both] == [None, None]
    assert sum(int(str(person.answer)) for person in both) == 2
    assert SlotStep.objects.filter(slot__round=round_, fired_at__isnull=False, skipped=False).count() == 2


def test_a_tick_passes_over_a_clock_that_another_worker_has_claimed(cast: Cast) -> None:
    round_ = ask(cast, draft(cast))
    due = max(slot.due_at for slot in round_.slots.all())
    with transaction.atomic():
        assert list(SlotStep.objects.select_for_update(no_key=True).filter(slot__round=round_))
        tick = Person(lambda: run_slot_steps(now=due))
        assert (tick.done(), tick.answer) == (None, 0)
    assert run_slot_steps(now=due) == 2


def test_a_flag_set_while_a_release_is_under_way_waits_or_stops_it(cast: Cast) -> None:
    update = approved(cast)
    incidents = Incident.objects.filter(pk=update.incident_id)
    with transaction.atomic():
        incidents.select_for_update(no_key=True).get()
        incidents.update(data_breach=True)
        releaser = Person(lambda: release(cast, update))
        assert releaser.is_stuck()
    error = releaser.done()
    assert isinstance(error, Conflict)
    assert error.code == "legal_missing"
    assert not Release.objects.exists()


def reach_edit_beside_approval(cast: Cast, update: Update) -> None:
    """The technical lead approves while the commander changes the channels."""
    current = Update.objects.get(pk=update.pk).current
    assert current is not None
    content = ContentEdit(channels=("email",)).apply(current.parsed())
    revise_update(actor=cast.actor("commander"), now=NOW, update_id=update.pk, base_revision=current.number, content=content)


def test_an_approval_beside_an_edit_of_reach_is_kept_or_refused_and_never_lost(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    both = [Person(lambda: say(cast, update, "technical")), Person(lambda: reach_edit_beside_approval(cast, update))]
    errors = [person.done() for person in both]
    assert errors[1] is None
    round_ = ask(cast, update)
    given = Review.objects.filter(round__update_of=update).count()
    assert given == (1 if errors[0] is None else 0)
    assert round_.carried_reviews.count() == given


def shared(cast: Cast, components: list[Component]) -> Update:
    """An approved update that names the components of two incidents, in an order of its own."""
    opened = make_incident(actor=cast.actor("commander"), components=components)
    states = tuple(ComponentState(component.public_id, ComponentStatus.PARTIAL_OUTAGE) for component in components)
    update = make_update(incident=opened, actor=cast.actor("commander"), edit=ContentEdit(components=states))
    ask(cast, update)
    approve(cast, update)
    return update


def test_two_releases_of_incidents_that_share_components_wait_for_each_other_and_are_both_done(cast: Cast) -> None:
    """Each moves the same components and has the policy decide over the other's incident: locked in one order, there is no circle."""
    components = [make_component(key=key) for key in ("checkout", "search", "login")]
    for _ in range(3):
        updates = [shared(cast, components), shared(cast, components[::-1])]
        both = [Person(lambda update=update: release(cast, update)) for update in updates]  # type: ignore[misc]  # bound early
        assert [person.done() for person in both] == [None, None]
        assert Release.objects.filter(update_of__in=updates).count() == 2


def test_the_second_of_two_releases_that_share_components_waits_before_it_changes_anything(cast: Cast) -> None:
    components = [make_component(key=key) for key in ("checkout", "search")]
    first, second = shared(cast, components), shared(cast, components[::-1])
    with transaction.atomic():
        release(cast, first)
        other = Person(lambda: release(cast, second))
        assert other.is_stuck()
        # Nothing of ours waits for the other meanwhile: the components and both incidents are locked already.
        set_component_status(actor=cast.actor("commander"), now=NOW, component=components[0], status=ComponentStatus.MAJOR_OUTAGE)
    assert other.done() is None
    assert Release.objects.filter(update_of__in=[first, second]).count() == 2
