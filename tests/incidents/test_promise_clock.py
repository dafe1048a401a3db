"""Whom the clock of a promise tells, what it prepares, how it is held back, and what it leaves for the figures."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.actors import source
from accounts.models import RoleAssignment
from accounts.rules.duties import Duty
from accounts.rules.roles import Role
from core import events
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from incidents.events import PromiseReminder
from incidents.models import Incident, PromiseStep, UpdatePromise
from incidents.queries import open_promise
from incidents.queries.responsible import responsible_for
from incidents.rules.content import Content
from incidents.rules.content_edit import ContentEdit
from incidents.rules.nothing_new import still_working
from incidents.rules.promises import outcome_of, steps
from incidents.rules.words import PromiseOutcome, Step
from incidents.services import claim_due_steps, revise_update, snooze_promise, start_update
from statuscomms import wiring
from statuscomms.ticks import run_ticks
from tests.incidents.test_released import released
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident, make_update
from tests.support.releases import let_go, reviewed
from tests.support.roster import on_rota

MINUTE = timedelta(minutes=1)


@pytest.fixture
def told() -> Iterator[list[PromiseReminder]]:
    heard: list[PromiseReminder] = []
    events.clear()
    events.register(PromiseReminder, in_transaction=[heard.append])
    yield heard
    wiring.connect()


@given(minutes=st.integers(1, 10_000), made_at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - Hypothesis wants bounds without a zone
def test_the_steps_come_in_their_order_and_the_reminder_within_the_promise(minutes: int, made_at: datetime) -> None:
    due_at = made_at + minutes * MINUTE
    times = steps(made_at=made_at, due_at=due_at)
    assert sorted(times, key=lambda step: times[step]) == [step for step in Step if step in times]
    assert times[Step.DUE] == due_at
    assert (Step.BEFORE in times) is (minutes >= 3)
    assert made_at < min(times.values()) <= due_at


@given(late=st.integers(-10_000_000, 10_000_000))
def test_kept_or_late_by_begun_seconds(late: int) -> None:
    outcome, seconds = outcome_of(due_at=NOW, kept_at=NOW + timedelta(milliseconds=late))
    assert (outcome is PromiseOutcome.LATE) == (late > 0) == (seconds > 0)
    assert seconds == max(0, -(-late // 1000))


@pytest.mark.django_db
def test_a_clock_that_jumps_ahead_and_back_repeats_nothing(told: list[PromiseReminder]) -> None:
    make_incident()
    claim_due_steps(now=NOW + timedelta(days=2))
    for minute in range(0, 60, 5):
        claim_due_steps(now=NOW + minute * MINUTE)
    assert [(event.step, event.late) for event in told] == [("manager", True)]


@pytest.mark.django_db
@pytest.mark.parametrize("night", [datetime(2026, 3, 29, 0, 50, tzinfo=UTC), datetime(2026, 10, 25, 0, 50, tzinfo=UTC)])
def test_the_nights_when_clocks_change_tell_as_any_other(told: list[PromiseReminder], night: datetime) -> None:
    make_incident(now=night)
    for minute in range(40):
        claim_due_steps(now=night + minute * MINUTE)
    assert [(event.step, (event.at - night) // MINUTE, event.late) for event in told] == [
        ("before", 10, False),
        ("due", 15, False),
        ("after", 20, False),
        ("deputy", 25, False),
        ("manager", 35, False),
    ]


@pytest.mark.django_db(transaction=True)
def test_after_two_hours_without_ticks_the_real_ones_tell_each_promise_once_late_and_labelled(told: list[PromiseReminder]) -> None:
    incidents = [make_incident() for _ in range(3)]
    back = NOW + timedelta(hours=2)
    for second in (0, 2, 4):
        run_ticks(lambda second=second: back + timedelta(seconds=second))  # type: ignore[misc]  # the default binds the loop's value
    assert sorted(event.incident_id for event in told) == [incident.pk for incident in incidents]
    assert {(event.step, event.late) for event in told} == {("manager", True)}
    skipped = PromiseStep.objects.filter(fired_at__isnull=True)
    assert {step.skipped for step in skipped} == {"a later step came in its place"}


@pytest.mark.django_db
def test_the_promise_says_what_became_of_it(cast: Cast) -> None:
    incident = make_incident()
    released(cast, make_update(incident=incident, edit=ContentEdit(next_update_minutes=20)))
    first = UpdatePromise.objects.get(incident=incident, made_by=None)
    assert (first.outcome, first.late_by_seconds, first.policy_minutes) == ("kept", 0, 15)
    running = open_promise(incident)
    assert running is not None
    assert (running.policy_minutes, running.chosen_minutes) == (15, 20)
    assert {step.skipped for step in first.steps.all()} == {"the promise was closed"}
    update = make_update(incident=incident)
    let_go(cast, reviewed(cast, update), running.due_at + timedelta(seconds=61.2))
    running.refresh_from_db()
    assert (running.outcome, running.late_by_seconds, running.kept_by) == ("late", 62, update)


@pytest.mark.django_db
def test_a_correction_before_its_time_leaves_the_promise_running(cast: Cast) -> None:
    incident = make_incident()
    wrong = released(cast, make_update(incident=incident))
    running = open_promise(incident)
    correction = start_update(
        actor=cast.actor("comms"),
        now=NOW,
        incident=incident,
        status="investigating",
        kind="correction",
        corrects=wrong,
        edit=ContentEdit(next_update_minutes=None),
    )
    released(cast, correction)
    assert open_promise(incident) == running


@pytest.mark.django_db
def test_a_time_beyond_the_policys_bounds_needs_a_reason_that_the_hash_covers(cast: Cast) -> None:
    update = make_update(incident=make_incident())
    assert update.current is not None
    content = update.current.parsed()
    far = ContentEdit(next_update_minutes=600).apply(content)
    with pytest.raises(InvalidInput, match="Correct") as refused:
        revise_update(actor=cast.actor("comms"), now=NOW, update_id=update.pk, base_revision=1, content=far)
    assert "leaves 5 to 120 minutes to you" in refused.value.fields["next_update_minutes"][0]
    why = ContentEdit(promise_reason="The provider answers tonight.").apply(far)
    revision = revise_update(actor=cast.actor("comms"), now=NOW, update_id=update.pk, base_revision=1, content=why)
    assert revision.content["promise"] == {"next_update_minutes": 600, "reason": "The provider answers tonight."}
    assert Content.from_json(revision.content).hash() == revision.content_hash


def test_a_content_without_a_reason_has_the_hash_it_always_had() -> None:
    content = Content(status="investigating", impact="major", next_update_minutes=15)
    assert content.as_json()["promise"] == {"next_update_minutes": 15}
    assert content.hash() == "e2384057237ab2df06cd50506559206925a3ed6fae7a982b6d3e1b49fafe54eb"


@pytest.mark.django_db
def test_the_promise_follows_the_status_until_somebody_chose(cast: Cast) -> None:
    update = make_update(incident=make_incident())
    assert update.current is not None
    content = ContentEdit(status="monitoring").apply(update.current.parsed())
    followed = revise_update(actor=cast.actor("comms"), now=NOW, update_id=update.pk, base_revision=1, content=content)
    assert followed.parsed().next_update_minutes == 60
    chosen = ContentEdit(next_update_minutes=45).apply(followed.parsed())
    revise_update(actor=cast.actor("comms"), now=NOW, update_id=update.pk, base_revision=2, content=chosen)
    back = ContentEdit(status="identified").apply(chosen)
    kept = revise_update(actor=cast.actor("comms"), now=NOW, update_id=update.pk, base_revision=3, content=back)
    assert kept.parsed().next_update_minutes == 45


@pytest.mark.django_db
def test_a_snooze_holds_every_step_back_and_then_the_newest_comes_unlabelled(cast: Cast, told: list[PromiseReminder]) -> None:
    incident = make_incident()
    snooze_promise(actor=cast.actor("comms"), now=NOW + 9 * MINUTE, incident=incident, minutes=17, reason="Words are being translated.")
    for minute in range(9, 26):
        assert claim_due_steps(now=NOW + minute * MINUTE) == 0
    assert claim_due_steps(now=NOW + 26 * MINUTE) == 1
    assert [(event.step, event.late) for event in told] == [("deputy", False)]
    promise = open_promise(incident)
    assert promise is not None
    assert promise.due_at == NOW + 15 * MINUTE


@pytest.mark.django_db
def test_who_holds_reminders_back_is_a_person_who_says_why(cast: Cast) -> None:
    incident = make_incident()
    for minutes, reason in ((0, "x"), (61, "x"), (10, "  ")):
        with pytest.raises(InvalidInput):
            snooze_promise(actor=cast.actor("comms"), now=NOW, incident=incident, minutes=minutes, reason=reason)
    with pytest.raises(Forbidden):
        snooze_promise(actor=source("alerts"), now=NOW, incident=incident, minutes=5, reason="x")
    with pytest.raises(Forbidden):
        snooze_promise(actor=cast.actor("auditor"), now=NOW, incident=incident, minutes=5, reason="x")
    with pytest.raises(NotFound):
        snooze_promise(actor=cast.actor("outsider"), now=NOW, incident=incident, minutes=5, reason="x")
    with pytest.raises(Conflict, match="No update is promised"):
        snooze_promise(actor=cast.actor("comms"), now=NOW, incident=make_incident(severity="SEV4"), minutes=5, reason="x")


@pytest.mark.django_db
def test_a_draft_that_nothing_is_new_is_prepared_once_and_sent_by_nobody(cast: Cast) -> None:
    incident = make_incident()
    incident.updates.all().update(state="withdrawn")
    said = released(cast, make_update(incident=incident))
    promise = open_promise(incident)
    assert promise is not None
    claim_due_steps(now=promise.due_at - 4 * MINUTE)
    claim_due_steps(now=promise.due_at)
    (draft,) = incident.updates.filter(state="draft")
    assert draft.current is not None
    wording = draft.current.parsed().wording["customers"]["en"]
    assert wording.title == "Checkout is failing"
    assert wording.body == (
        "We are still working on this. There is nothing new to report since 14:10 UTC. We will write again within 15 minutes."
    )
    # Nobody wrote it but those whose headline it repeats.
    assert {one.user_id for one in draft.contributors.all()} == {one.user_id for one in said.contributors.all()}


def test_a_language_without_words_of_ours_is_left_to_people() -> None:
    assert still_working(language="fr", since=NOW, next_in=None) == "{{ text }}"
    assert still_working(language="en-GB", since=NOW, next_in=None).endswith("since 14:00 UTC.")


@pytest.mark.django_db
def test_deputy_and_manager_come_from_the_rota_and_only_those_who_may_see_it(cast: Cast) -> None:
    RoleAssignment.objects.create(user=cast.comms2, role=Role.MANAGER)
    on_rota(Duty.MANAGER_ON_DUTY, cast.manager, cast.comms2)
    incident = make_incident(actor=cast.actor("commander"))
    rings = responsible_for(incident, NOW)
    assert (rings.leads, rings.deputies, rings.managers) == ((cast.commander,), (cast.comms2,), (cast.manager,))
    Incident.objects.filter(pk=incident.pk).update(restricted=True)
    hidden = responsible_for(Incident.objects.get(pk=incident.pk), NOW)
    assert (hidden.leads, hidden.deputies, hidden.managers) == ((), (), ())
