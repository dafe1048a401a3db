"""A release is decided again when its deliveries are claimed; a correction reaches exactly those who got the wrong words."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from accounts.models import RoleAssignment
from accounts.rules.roles import Role
from approvals.models import Release
from approvals.services.release_hold import hold_incident, lift_hold
from approvals.services.start_correction import start_correction
from audit.models import Entry
from incidents.models import Incident, UpdateRevision
from incidents.rules.content_edit import ContentEdit, Variant
from incidents.services import revise_update
from notifications.models import Delivery, DeliveryRun, Message
from notifications.services import claim_and_send, resume_stopped, rows, sweep
from notifications.services.send import EVERY_LANE
from notifications.services.stopping import OTHER_WORDS
from notifications.services.window import Messages, open_window
from tests.approvals.acts import approve, ask, draft, release
from tests.approvals.disputing import override
from tests.approvals.test_overrides import asks_legal
from tests.support.cast import NOW, Cast
from tests.support.releases import released, subscribers
from tests.support.sinks import Sink

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(minutes=1)
LEASE = timedelta(seconds=30)
ADDRESSES = ("a@example.com", "b@example.com", "c@example.com")


def stopped_reason(done: Release) -> str:
    """Why nothing of it is sent for now."""
    return Message.objects.get(release=done).stopped_reason


@pytest.fixture(autouse=True)
def no_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the releases' own letters are sent here."""
    monkeypatch.setattr("notifications.services.plan_notice.insert_deliveries", lambda *args, **kwargs: 0)


def send(limit: int = 100) -> int:
    return claim_and_send(now_fn=lambda: SOON, limit=limit)


def of(done: Release) -> dict[str, str]:
    rows = Delivery.objects.filter(message__release=done).values_list("contact_point__address", "state")
    return dict(rows)


def letters(sink: Sink, done: Release) -> list[str]:
    """Who the sink took a letter of this release for."""
    keys = [str(key).encode() for key in Delivery.objects.filter(message__release=done).values_list("key", flat=True)]
    return sorted(recipient for recipient, content in sink.letters if any(key in content for key in keys))


def test_a_hold_stops_what_is_not_sent_and_lifting_it_lets_it_go_on(cast: Cast, sink: Sink) -> None:
    subscribers(*ADDRESSES)
    done = released(cast)
    placed = hold_incident(
        actor=cast.actor("legal", stepped_up=True), now=NOW, incident_id=done.update_of.incident_id, reason="Counsel reads it again."
    )
    while send():
        pass
    assert letters(sink, done) == []
    assert set(of(done).values()) == {"planned"}
    assert "Counsel reads it again." in stopped_reason(done)
    assert resume_stopped(now=SOON) == 0
    lift_hold(actor=cast.actor("legal", stepped_up=True), now=NOW, hold_id=placed.public_id, reason="It is all right.")
    assert resume_stopped(now=SOON) == 1
    assert resume_stopped(now=SOON) == 0
    send()
    assert letters(sink, done) == sorted(ADDRESSES)
    assert stopped_reason(done) == ""
    assert Entry.objects.filter(type="message.stopped").count() == Entry.objects.filter(type="message.resumed").count() == 1


def test_the_owner_is_told_once_that_sending_stopped(cast: Cast, sink: Sink) -> None:
    subscribers(*ADDRESSES)
    done = released(cast)
    hold_incident(actor=cast.actor("legal", stepped_up=True), now=NOW, incident_id=done.update_of.incident_id, reason="Wait.")
    for _ in range(3):
        send()
    notices = Message.objects.filter(kind="notice", source_key__startswith=f"stopped:{done.message.pk}:")
    assert notices.count() == 1
    assert done.update_of.incident.timeline.filter(text__startswith="Sending stopped. ").count() == 1


def test_words_changed_in_the_database_are_not_sent(cast: Cast, sink: Sink) -> None:
    """By a hand past every service and trigger: the stored content no longer has the hash that was released."""
    subscribers(*ADDRESSES)
    done = released(cast)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE incidents_updaterevision DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE incidents_updaterevision SET content = jsonb_set(content, %s, %s) WHERE id = %s",
            ["{wording,customers,en,body}", '"Other words."', done.revision_id],
        )
    assert UpdateRevision.objects.get(pk=done.revision_id).parsed().hash() != done.content_hash
    send()
    assert letters(sink, done) == []
    assert "no longer the ones" in stopped_reason(done)


def test_planned_words_other_than_the_released_are_not_sent(cast: Cast, sink: Sink) -> None:
    subscribers(*ADDRESSES)
    done = released(cast)
    done.message.wording["customers"]["body"] = "Other words."
    done.message.save(update_fields=["wording"])
    send()
    assert letters(sink, done) == []
    assert stopped_reason(done) == OTHER_WORDS


def test_deciding_again_takes_the_same_few_statements_however_many_are_claimed(cast: Cast, sink: Sink) -> None:
    subscribers(*(f"reader{number}@example.com" for number in range(30)))
    released(cast)

    def statements(limit: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            send(limit)
        return sum("approvals_releasehold" in query["sql"] for query in captured)

    assert statements(5) == statements(20) > 0


def test_a_breach_found_while_sending_stops_it_until_legal_has_approved(cast: Cast, sink: Sink) -> None:
    subscribers(*ADDRESSES)
    done = released(cast)
    Incident.objects.filter(pk=done.update_of.incident_id).update(data_breach=True)
    send()
    assert letters(sink, done) == []
    assert "legal" in stopped_reason(done).lower()


def by_override(cast: Cast, *, fills_legal: bool) -> Release:
    """Let out without every review, over a round that asks for legal's too where that is what the override stands in for."""
    update = draft(cast)
    if fills_legal:
        asks_legal(update, override_fills_legal=True)
        RoleAssignment.objects.create(user=cast.override, role=Role.LEGAL)
    ask(cast, update)
    return override(cast, update, now=NOW + timedelta(hours=2))


@pytest.mark.parametrize("fills_legal", [False, True])
def test_a_breach_found_after_an_override_stops_it_too_unless_the_override_stood_in_for_legal(
    cast: Cast, sink: Sink, fills_legal: bool
) -> None:
    subscribers(*ADDRESSES)
    done = by_override(cast, fills_legal=fills_legal)
    Incident.objects.filter(pk=done.update_of.incident_id).update(data_breach=True)
    send()
    assert letters(sink, done) == (sorted(ADDRESSES) if fills_legal else [])
    assert ("legal" in stopped_reason(done).lower()) != fills_legal


def correct(cast: Cast, done: Release, kind: str = "correction") -> Release:
    update = start_correction(actor=cast.actor("commander"), now=NOW, update_id=done.update_of_id, kind=kind)
    current = update.current
    assert current is not None
    words = tuple(
        Variant(audience, "Correction", "We said that all payments fail. Only some do.") for audience in current.parsed().audiences
    )
    content = ContentEdit(variants=words).apply(current.parsed())
    revise_update(actor=cast.actor("commander"), now=NOW, update_id=update.pk, base_revision=current.number, content=content)
    ask(cast, update)
    approve(cast, update)
    return release(cast, update)


def test_a_correction_goes_to_exactly_those_who_got_the_wrong_words(cast: Cast, sink: Sink) -> None:
    subscribers(*ADDRESSES)
    wrong = released(cast)
    send(limit=2)
    sent = [address for address, state in of(wrong).items() if state == "accepted"]
    assert len(sent) == 2
    subscribers("late@example.com")
    correction = correct(cast, wrong)
    assert sorted(of(correction)) == sorted(sent)
    assert sorted(of(wrong).values()) == ["accepted", "accepted", "superseded"]
    while send():
        pass
    assert letters(sink, correction) == sorted(sent)
    assert letters(sink, wrong) == sorted(sent)


def test_a_worker_that_holds_wrong_letters_sends_no_more_of_them(cast: Cast, sink: Sink) -> None:
    """Claimed before the correction: what was begun may have arrived, so its reader is among those corrected; the rest is not sent."""
    subscribers("a@example.com", "b@example.com")
    wrong = released(cast)
    runs = rows.claim("email", EVERY_LANE, 100, LEASE)
    messages = Messages(Message.objects.in_bulk({run.message for run in runs}))
    (begun,), _ = open_window(runs, messages, limit=1, lease=LEASE, provider="smtp")
    correction = correct(cast, wrong)
    assert list(of(correction)) == [begun.letter.address]
    assert open_window(runs, messages, limit=100, lease=LEASE, provider="smtp") == ([], 0)
    DeliveryRun.objects.filter(lease_until__isnull=False).update(lease_until=Now())
    sweep(now=SOON)
    sweep(now=SOON)
    while send():
        pass
    assert set(of(wrong).values()) == {"superseded"}
    assert letters(sink, wrong) == []
    assert letters(sink, correction) == [begun.letter.address]


def test_a_stop_has_reason_and_time_or_neither(cast: Cast) -> None:
    subscribers("a@example.com")
    done = released(cast)
    with pytest.raises(IntegrityError, match="notifications_message_stopped_whole"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE notifications_message SET stopped_reason = 'why' WHERE id = %s", [done.message.pk])
