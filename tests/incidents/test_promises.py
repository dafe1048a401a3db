"""The promise of the next update: made, moved, kept, missed, and told once."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from core import events
from incidents.events import PromiseReminder
from incidents.models import Incident, UpdatePromise
from incidents.queries import open_promise
from incidents.rules.promises import due, moved_due, noticed_late
from incidents.services import change_incident, claim_due_steps
from statuscomms import wiring
from tests.incidents.test_released import released
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident, make_update
from tests.support.log import audit_types

MINUTE = timedelta(minutes=1)
moments = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis wants bounds without a zone
minutes = st.integers(1, 2000)


@pytest.fixture
def told() -> Iterator[list[PromiseReminder]]:
    """Who is told that a promise is overdue: this list, in place of everything wired."""
    heard: list[PromiseReminder] = []
    events.clear()
    events.register(PromiseReminder, in_transaction=[heard.append])
    yield heard
    wiring.connect()


def test_daylight_saving_moves_no_promise() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    # The hour from 02:00 to 03:00 does not exist on this night, and the one in October comes twice.
    for night in (datetime(2026, 3, 29, 1, 30, tzinfo=berlin), datetime(2026, 10, 25, 2, 30, tzinfo=berlin)):
        assert due(made_at=night, minutes=60).timestamp() - night.timestamp() == 3600


@given(made_at=moments, old=minutes, new=minutes, passed=minutes)
def test_a_moved_promise_never_starts_in_the_past_unless_it_was_there(made_at: datetime, old: int, new: int, passed: int) -> None:
    now, old_due = made_at + passed * MINUTE, due(made_at=made_at, minutes=old)
    moved = moved_due(made_at=made_at, old_due=old_due, minutes=new, now=now)
    assert moved > now or moved == old_due
    assert moved <= max(old_due, due(made_at=now, minutes=new))


@pytest.mark.parametrize(("late_by", "late"), [(0, False), (300, False), (301, True)])
def test_five_minutes_make_a_reminder_late(late_by: int, late: bool) -> None:
    assert noticed_late(due_at=NOW, now=NOW + timedelta(seconds=late_by)) is late


@pytest.mark.django_db
def test_nothing_is_told_before_its_time(told: list[PromiseReminder]) -> None:
    make_incident()
    assert claim_due_steps(now=NOW + 10 * MINUTE - timedelta(seconds=1)) == 0
    assert told == []


@pytest.mark.django_db
def test_an_overdue_promise_is_told_once(told: list[PromiseReminder]) -> None:
    incident = make_incident()
    at = NOW + 15 * MINUTE
    assert claim_due_steps(now=at) == 1
    for later in range(0, 300, 30):
        assert claim_due_steps(now=at + timedelta(seconds=later)) == 0
    promise = open_promise(incident)
    assert promise is not None
    assert told == [PromiseReminder(promise.pk, incident.pk, "due", at, False, at)]
    assert (promise.overdue_told_at, promise.told_late) == (at, False)
    assert audit_types(f"incident:{incident.public_id}").count("promise.overdue") == 1
    assert incident.timeline.filter(kind="overdue").count() == 1


@pytest.mark.django_db
def test_each_step_comes_at_its_time_and_once(told: list[PromiseReminder]) -> None:
    make_incident()
    for second in range(0, 60 * 60, 20):
        claim_due_steps(now=NOW + timedelta(seconds=second))
    assert [(event.step, event.at - NOW, event.late) for event in told] == [
        ("before", 10 * MINUTE, False),
        ("due", 15 * MINUTE, False),
        ("after", 20 * MINUTE, False),
        ("deputy", 25 * MINUTE, False),
        ("manager", 35 * MINUTE, False),
    ]


@pytest.mark.django_db
def test_a_scheduler_that_was_down_tells_once_late_and_says_so(told: list[PromiseReminder]) -> None:
    incident = make_incident()
    back = NOW + timedelta(hours=9)
    assert claim_due_steps(now=back) == 1
    assert claim_due_steps(now=back + MINUTE) == 0
    assert [(event.step, event.late) for event in told] == [("manager", True)]
    promise = open_promise(incident)
    assert promise is not None
    assert promise.told_late


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_tell_once(told: list[PromiseReminder]) -> None:
    for _ in range(6):
        make_incident()
    counts: list[int] = []

    def tick() -> None:
        try:
            counts.append(claim_due_steps(now=NOW + timedelta(hours=1)))
        finally:
            connection.close()

    threads = [threading.Thread(target=tick, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    # A row that another holds is passed over; whoever comes next finds none left.
    assert sum(counts) + claim_due_steps(now=NOW + timedelta(hours=1)) == 6
    assert len({event.promise_id for event in told}) == len(told) == 6


@pytest.mark.django_db
def test_a_change_of_severity_moves_the_first_promise(cast: Cast) -> None:
    incident = make_incident(severity="SEV2")
    first = open_promise(incident)
    assert first is not None
    assert first.due_at == NOW + 30 * MINUTE
    change_incident(actor=cast.actor("commander"), now=NOW + 5 * MINUTE, incident_id=incident.pk, severity="SEV1")
    moved = open_promise(incident)
    assert moved is not None
    assert (moved.pk, moved.due_at) == (first.pk, NOW + 15 * MINUTE)


@pytest.mark.django_db
def test_what_no_longer_needs_updates_promises_none_and_what_does_again_counts_from_the_start(cast: Cast) -> None:
    incident = make_incident(severity="SEV1")
    change_incident(actor=cast.actor("commander"), now=NOW + MINUTE, incident_id=incident.pk, stage="watching", severity="SEV4")
    assert open_promise(incident) is None
    assert UpdatePromise.objects.get(incident=incident).closed_at == NOW + MINUTE
    change_incident(actor=cast.actor("commander"), now=NOW + 2 * MINUTE, incident_id=incident.pk, stage="confirmed", severity="SEV1")
    promise = open_promise(incident)
    assert promise is not None
    assert (promise.made_at, promise.due_at) == (NOW, NOW + 15 * MINUTE)


@pytest.mark.django_db
def test_an_overdue_promise_stays_overdue_whatever_the_severity_becomes(cast: Cast, told: list[PromiseReminder]) -> None:
    incident = make_incident(severity="SEV1")
    claim_due_steps(now=NOW + 16 * MINUTE)
    change_incident(actor=cast.actor("commander"), now=NOW + 20 * MINUTE, incident_id=incident.pk, severity="SEV2")
    promise = open_promise(incident)
    assert promise is not None
    assert (promise.due_at, promise.policy_minutes) == (NOW + 15 * MINUTE, 30)
    assert claim_due_steps(now=NOW + 20 * MINUTE) == 1
    assert [event.step for event in told] == ["due", "after"]


def severities(cast: Cast, incident: Incident, *steps: tuple[int, str]) -> None:
    for minute, severity in steps:
        change_incident(actor=cast.actor("commander"), now=NOW + minute * MINUTE, incident_id=incident.pk, severity=severity)


@pytest.mark.django_db
def test_a_severity_set_down_and_up_again_launders_no_lateness(cast: Cast, told: list[PromiseReminder]) -> None:
    incident = make_incident(severity="SEV2")
    severities(cast, incident, (55, "SEV3"))
    closed = UpdatePromise.objects.get(incident=incident)
    assert (closed.outcome, closed.late_by_seconds, closed.kept_by) == ("late", 25 * 60, None)
    severities(cast, incident, (56, "SEV2"))
    again = open_promise(incident)
    assert again is not None
    assert (again.made_at, again.due_at) == (NOW, NOW + 30 * MINUTE)
    # Whoever is to be called by now is called at once, and once; nobody missed it, so it is not labelled late.
    assert claim_due_steps(now=NOW + 56 * MINUTE) == 1
    assert claim_due_steps(now=NOW + 57 * MINUTE) == 0
    assert [(event.step, event.late) for event in told] == [("manager", False)]
    released(cast, make_update(incident=incident), now=NOW + 60 * MINUTE)
    again.refresh_from_db()
    assert (again.outcome, again.late_by_seconds) == ("late", 30 * 60)


@pytest.mark.django_db
def test_set_down_before_the_time_and_up_after_it_is_due_when_it_was(cast: Cast) -> None:
    incident = make_incident(severity="SEV2")
    severities(cast, incident, (29, "SEV3"), (40, "SEV2"))
    promise = open_promise(incident)
    assert promise is not None
    assert UpdatePromise.objects.get(incident=incident, closed_at__isnull=False).outcome == "withdrawn"
    assert promise.due_at == NOW + 30 * MINUTE


@pytest.mark.django_db
def test_toggled_again_and_again_it_still_counts_from_the_start(cast: Cast) -> None:
    incident = make_incident(severity="SEV2")
    severities(cast, incident, (5, "SEV3"), (6, "SEV2"), (10, "SEV3"), (11, "SEV1"), (12, "SEV3"), (13, "SEV2"))
    promise = open_promise(incident)
    assert promise is not None
    assert (promise.made_at, promise.due_at) == (NOW, NOW + 30 * MINUTE)


@pytest.mark.django_db
def test_after_an_update_what_it_promised_runs_whatever_the_severity_becomes(cast: Cast) -> None:
    incident = make_incident(severity="SEV2")
    severities(cast, incident, (5, "SEV3"))
    update = released(cast, make_update(incident=incident), now=NOW + 10 * MINUTE)
    promised = open_promise(incident)
    assert promised is not None
    severities(cast, incident, (20, "SEV2"), (21, "SEV3"), (22, "SEV1"))
    running = open_promise(incident)
    assert running is not None
    assert (running.pk, running.made_by, running.due_at) == (promised.pk, update, promised.due_at)
