"""Pause, resume, cancel, send again: what holds at once, what never goes out any more, and who may."""

import importlib
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.services.people import create_team
from approvals.models import Release
from audit.models import Entry
from core.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, StepUpRequired
from notifications.models import Delivery, DeliveryRun, Message
from notifications.queries.counts import causes_of, counters_that_differ
from notifications.rules.states import Lane
from notifications.services import (
    cancel_message,
    claim_and_send,
    pause_message,
    resume_message,
    rows,
    send_again,
    send_one_again,
    sweep,
    try_now,
)
from notifications.services.end_message import work_off_ended_for
from notifications.services.fall_back import fall_back_for
from notifications.services.window import Messages, open_window
from stakeholders.models import Audience
from tests.notifications.many import planned_message
from tests.support.cast import NOW, Cast
from tests.support.log import audit_types
from tests.support.releases import released, subscribers
from tests.support.sinks import Sink

# The package gives the function the name of its module.
again = importlib.import_module("notifications.services.send_again")
pytestmark = pytest.mark.django_db
LEASE = timedelta(seconds=30)
ADDRESSES = ("a@example.com", "b@example.com", "c@example.com", "d@example.com")


@pytest.fixture(autouse=True)
def no_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the releases' own letters are sent here."""
    monkeypatch.setattr("notifications.services.plan_notice.insert_deliveries", lambda *args, **kwargs: 0)


def send(limit: int = 100) -> int:
    return claim_and_send(now_fn=lambda: NOW, limit=limit)


def pause(cast: Cast, message: Message, by: str = "legal") -> Message:
    return pause_message(actor=cast.actor(by, stepped_up=True), now=NOW, message_id=message.public_id)


def resume(cast: Cast, message: Message, by: str = "legal") -> Message:
    return resume_message(actor=cast.actor(by, stepped_up=True), now=NOW, message_id=message.public_id)


def cancel(cast: Cast, message: Message, reason: str = "Wrong list.", by: str = "legal") -> Any:
    return cancel_message(actor=cast.actor(by, stepped_up=True), now=NOW, message_id=message.public_id, reason=reason)


def states(done: Release) -> dict[str, str]:
    rows_ = Delivery.objects.filter(message=done.message).values_list("contact_point__address", "state")
    return dict(rows_)


def fail(message: Message, state: str, reason: str) -> None:
    """As if every delivery had been tried and had come to this."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM notifications_deliveryrun WHERE message_id = %s", [message.pk])
        cursor.execute(
            "UPDATE notifications_delivery SET state = %s, reason = %s, closed_at = clock_timestamp(), tries = 3, attempt_count = 3,"
            " fence = 3 WHERE message_id = %s",
            [state, reason, message.pk],
        )


def test_a_pause_holds_until_somebody_resumes(cast: Cast, sink: Sink) -> None:
    subscribers(*ADDRESSES)
    done = released(cast)
    send(limit=1)
    paused = pause(cast, done.message)
    assert (paused.paused_by, paused.paused_at is not None) == (cast.legal, True)
    for _ in range(3):
        send()
        sweep(now=NOW)
    assert sorted(states(done).values()) == ["accepted", "planned", "planned", "planned"]
    resume(cast, done.message)
    send()
    assert set(states(done).values()) == {"accepted"}
    assert len(sink.letters) == len(ADDRESSES)
    assert list(Entry.objects.filter(type__in=["message.paused", "message.unpaused"]).order_by("index").values_list("type", flat=True)) == [
        "message.paused",
        "message.unpaused",
    ]


def test_what_is_cancelled_is_never_sent_and_the_answer_says_how_many(cast: Cast, sink: Sink) -> None:
    subscribers(*ADDRESSES)
    done = released(cast)
    send(limit=1)
    told = cancel(cast, done.message)
    assert (told.accepted, told.stopped, told.in_flight) == (1, 3, 0)
    assert told.words == "1 accepted, 3 stopped, none in flight."
    while send():
        pass
    sweep(now=NOW)
    assert len(sink.letters) == 1
    assert sorted(states(done).values()) == ["accepted", "cancelled", "cancelled", "cancelled"]
    assert not DeliveryRun.objects.filter(message=done.message).exists()
    assert Message.objects.get(pk=done.message.pk).finished_at is not None
    assert counters_that_differ([done.message.pk]) == []
    assert [(cause.state, cause.cause, cause.count) for cause in causes_of(done.message.pk, 5)] == [("cancelled", "Wrong list.", 3)]
    for act in (cancel, pause, resume):
        with pytest.raises(Conflict):
            act(cast, done.message)


def test_the_commander_hears_of_what_somebody_else_cancelled(cast: Cast) -> None:
    subscribers(*ADDRESSES)
    done = released(cast)
    cancel(cast, done.message)
    notice = Message.objects.get(source_key=f"cancelled:{done.message.pk}")
    assert "0 accepted, 4 stopped" in notice.wording[""]["body"]
    assert done.update_of.incident.timeline.filter(text__startswith="Sending cancelled: Wrong list.").count() == 1


def test_what_was_in_flight_may_go_and_is_not_tried_again(cast: Cast) -> None:
    message = planned_message(4)
    (run,) = rows.claim("email", list(Lane), 10, LEASE)
    parcels, _ = open_window([run], Messages({message.pk: message}), limit=2, lease=LEASE, provider="smtp")
    with transaction.atomic():
        Message.objects.filter(pk=message.pk).update(ended_as="cancelled", ended_reason="No.", ended_at=NOW, ended_by=cast.legal)
    assert open_window([run], Messages({message.pk: message}), limit=2, lease=LEASE, provider="smtp") == ([], 0)
    assert len(parcels) == 2
    rows.let_go([run])
    assert work_off_ended_for(1, message_id=message.pk) == 2
    assert sorted(Delivery.objects.filter(message=message).values_list("state", flat=True)) == [
        "cancelled",
        "cancelled",
        "sending",
        "sending",
    ]


@pytest.mark.django_db(transaction=True)
def test_whoever_cancels_waits_for_the_window_being_opened_and_none_is_opened_after(cast: Cast) -> None:
    """Two real connections: a worker in the middle of opening attempts, and a person cancelling."""
    subscribers(*ADDRESSES)
    done = released(cast)
    (run,) = [run for run in rows.claim("email", list(Lane), 100, LEASE) if run.message == done.message.pk]
    opened, go_on = threading.Event(), threading.Event()
    answers: list[tuple[str, Any]] = []
    messages = Messages({done.message.pk: done.message})

    def worker() -> None:
        try:
            with transaction.atomic():
                parcels, _ = open_window([run], messages, limit=1, lease=LEASE, provider="smtp")
                answers.append(("window", len(parcels)))
                opened.set()
                go_on.wait(10)
            answers.append(("after", open_window([run], messages, limit=9, lease=LEASE, provider="smtp")[1]))
        finally:
            connection.close()

    def person() -> None:
        try:
            opened.wait(10)
            answers.append(("cancelled", cancel(cast, done.message)))
        finally:
            connection.close()

    threads = [threading.Thread(target=worker), threading.Thread(target=person)]
    for thread in threads:
        thread.start()
    assert opened.wait(10)
    threads[1].join(0.7)
    assert threads[1].is_alive(), "the person did not wait for the worker's commit"
    go_on.set()
    for thread in threads:
        thread.join(20)
    told: dict[str, Any] = dict(answers)
    assert told["window"] == 1
    # With its next window the worker came before the person, who then counted what it took, or it took nothing.
    assert told["cancelled"].in_flight == 1 + told["after"]
    assert told["cancelled"].stopped == len(ADDRESSES) - told["cancelled"].in_flight
    assert open_window([run], messages, limit=9, lease=LEASE, provider="smtp") == ([], 0)


@pytest.mark.parametrize(
    "field", ["paused_at = now(), paused_by_id = %s", "ended_as = 'cancelled', ended_reason = 'No.', ended_at = now(), ended_by_id = %s"]
)
def test_the_database_lets_nothing_begin_of_what_rests(cast: Cast, field: str) -> None:
    message = planned_message(1)
    delivery = Delivery.objects.get(message=message)
    attempt = (
        "INSERT INTO notifications_deliveryattempt (delivery_id, number, fence, provider, started_at) VALUES (%s, 1, 1, 'smtp', now())"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE notifications_message SET {field} WHERE id = %s", [cast.legal.pk, message.pk])  # noqa: S608 - words of our own
        with pytest.raises(IntegrityError) as caught, transaction.atomic():
            cursor.execute(attempt, [delivery.pk])
    assert caught.value.__cause__.diag.constraint_name == "notifications_nothing_begun_of_what_rests"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        (
            "notifications_message_end_stays",
            "UPDATE notifications_message SET ended_as = '', ended_reason = '', ended_at = NULL, ended_by_id = NULL",
        ),
        (
            "notifications_delivery_end_stays",
            "UPDATE notifications_delivery SET state = 'queued', closed_at = NULL WHERE state = 'cancelled'",
        ),
    ],
)
def test_what_was_cancelled_stays_so_in_the_database(cast: Cast, name: str, statement: str) -> None:
    subscribers(*ADDRESSES)
    cancel(cast, released(cast).message)
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert caught.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("notifications_message_paused_whole", "paused_at = now()"),
        ("notifications_message_cancelled_by_somebody", "ended_as = 'cancelled', ended_reason = 'No.', ended_at = now()"),
    ],
)
def test_the_database_knows_who_paused_and_who_cancelled(name: str, change: str) -> None:
    message = planned_message(1)
    with pytest.raises(IntegrityError, match=name), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE notifications_message SET {change} WHERE id = %s", [message.pk])  # noqa: S608 - words of our own


def test_what_failed_is_sent_again_under_its_key_for_one_cause_alone(cast: Cast, sink: Sink) -> None:
    subscribers(*ADDRESSES)
    done = released(cast)
    keys = set(Delivery.objects.filter(message=done.message).values_list("key", flat=True))
    fail(done.message, "dead", "554 refused as spam A1B2C3D4")
    Delivery.objects.filter(message=done.message, contact_point__address="d@example.com").update(reason="550 another cause")
    fall_back_for(1, now=NOW)
    sweep(now=NOW)
    assert Message.objects.get(pk=done.message.pk).finished_at is not None
    causes = {cause.cause: cause for cause in causes_of(done.message.pk, 5)}
    one = causes["554 refused as spam …"]
    commander = cast.actor("commander", stepped_up=True)
    moved = send_again(actor=commander, now=NOW, message_id=done.message.public_id, state=one.state, channel=one.channel, cause=one.cause)
    assert moved == one.count == 3
    while send():
        pass
    assert states(done) == {"a@example.com": "accepted", "b@example.com": "accepted", "c@example.com": "accepted", "d@example.com": "dead"}
    assert all(any(str(key).encode() in content for key in keys) for _, content in sink.letters)
    assert Message.objects.get(pk=done.message.pk).finished_at is not None
    left = Delivery.objects.get(message=done.message, state="dead")
    assert send_one_again(actor=commander, now=NOW, message_id=done.message.public_id, key=left.key).state == "queued"
    while send():
        pass
    assert len(sink.letters) == len(ADDRESSES)
    assert counters_that_differ([done.message.pk]) == []
    assert Entry.objects.filter(type="message.sent_again").count() == 2


def test_what_bounced_is_not_sent_again_nor_what_a_later_update_followed(cast: Cast) -> None:
    subscribers(*ADDRESSES)
    done = released(cast)
    commander = cast.actor("commander", stepped_up=True)

    def again(state: str) -> int:
        return send_again(actor=commander, now=NOW, message_id=done.message.public_id, state=state, channel="email", cause="no")

    fail(done.message, "bounced", "no")
    with pytest.raises(InvalidInput):
        again("bounced")
    with pytest.raises(Conflict):
        again("dead")
    fail(done.message, "dead", "no")
    Message.objects.filter(pk=done.message.pk).update(ended_as="superseded", ended_reason="a correction", ended_at=NOW)
    with pytest.raises(Conflict) as caught:
        again("dead")
    assert caught.value.code == "ended"


def again_in_pieces(cast: Cast, monkeypatch: pytest.MonkeyPatch, between: Callable[[Message], object]) -> tuple[int, Release]:
    """Sending four failed ones again, one a piece, with something happening after the first piece; how many were moved."""
    subscribers(*ADDRESSES)
    done = released(cast)
    fail(done.message, "dead", "no")
    monkeypatch.setattr(again, "PIECE", 1)
    further, happenings = again._further, [between]

    def after_the_first(*args: Any) -> int:
        while happenings:
            happenings.pop()(done.message)
        moved: int = further(*args)
        return moved

    monkeypatch.setattr(again, "_further", after_the_first)
    commander = cast.actor("commander", stepped_up=True)
    moved = send_again(actor=commander, now=NOW, message_id=done.message.public_id, state="dead", channel="email", cause="no")
    return moved, done


def test_what_is_cancelled_meanwhile_is_not_sent_again_any_further(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    moved, done = again_in_pieces(cast, monkeypatch, lambda message: cancel(cast, message))
    assert moved == 1
    assert sorted(states(done).values()) == ["cancelled", "dead", "dead", "dead"]


def test_what_is_followed_meanwhile_is_not_sent_again_any_further(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "_has_been_followed", lambda release: len(list(release.message.runs.all())) > 0)
    moved, _ = again_in_pieces(cast, monkeypatch, lambda message: None)
    assert moved == 1


def test_what_is_settled_between_two_pieces_is_settled_again_with_the_rest(cast: Cast, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    def settled(message: Message) -> None:
        while send():
            pass
        fall_back_for(1, now=NOW)
        sweep(now=NOW)
        assert Message.objects.get(pk=message.pk).finished_at is not None

    moved, done = again_in_pieces(cast, monkeypatch, settled)
    assert moved == len(ADDRESSES)
    assert Message.objects.get(pk=done.message.pk).finished_at is None
    while send():
        pass
    assert set(states(done).values()) == {"accepted"}
    assert audit_types(f"message:{done.message.public_id}").count("deliveries.batch") == 2
    assert Message.objects.get(pk=done.message.pk).finished_at is not None


def test_what_waits_for_another_try_is_tried_at_once(cast: Cast, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.services.send._chance", lambda: 1.0)
    subscribers(*ADDRESSES)
    done = released(cast)
    sink.script = ["4xx"] * len(ADDRESSES)
    send()
    assert set(states(done).values()) == {"retry_wait"}
    assert send() == 0
    (cause,) = causes_of(done.message.pk, 5)
    commander = cast.actor("commander", stepped_up=True)
    with pytest.raises(Conflict):
        try_now(actor=commander, now=NOW, message_id=done.message.public_id, channel="email", cause="another")
    assert try_now(actor=commander, now=NOW, message_id=done.message.public_id, channel="email", cause=cause.cause) == len(ADDRESSES)
    send()
    assert set(states(done).values()) == {"accepted"}
    with pytest.raises(Conflict):
        try_now(actor=commander, now=NOW, message_id=done.message.public_id)


def acts(cast: Cast, message: Message) -> list[Callable[[Any], object]]:
    here: dict[str, Any] = {"now": NOW, "message_id": message.public_id}
    return [
        lambda actor: pause_message(actor=actor, **here),
        lambda actor: resume_message(actor=actor, **here),
        lambda actor: cancel_message(actor=actor, reason="Because.", **here),
        lambda actor: send_again(actor=actor, state="dead", channel="email", cause="no", **here),
        lambda actor: try_now(actor=actor, **here),
    ]


@pytest.mark.parametrize("name", ["outsider", "responder", "techlead", "comms", "auditor", "manager", "arbiter"])
def test_nobody_else_pauses_or_cancels(cast: Cast, name: str) -> None:
    subscribers(*ADDRESSES)
    message = released(cast).message
    for act in acts(cast, message):
        with pytest.raises(NotFound if name == "outsider" else Forbidden):
            act(cast.actor(name, stepped_up=True))
    assert Message.objects.filter(pk=message.pk, paused_at__isnull=True, ended_as="").exists()


def test_no_token_does_and_the_password_was_typed_just_now(cast: Cast) -> None:
    subscribers(*ADDRESSES)
    message = released(cast).message
    for act in acts(cast, message):
        with pytest.raises(StepUpRequired):
            act(cast.actor("commander"))
        with pytest.raises(DomainError):
            act(cast.program("commander"))


@pytest.mark.parametrize("place", ["owner", "deputy"])
def test_an_owner_of_the_audiences_may(cast: Cast, place: str) -> None:
    subscribers(*ADDRESSES)
    message = released(cast).message
    team = create_team(actor=cast.actor("admin"), now=NOW, key="owners", name="Owners", members=[cast.responder])
    with pytest.raises(Forbidden):
        pause(cast, message, by="responder")
    Audience.objects.filter(key__in=list(message.wording)).update(**{place: team})
    assert pause(cast, message, by="responder").paused_by == cast.responder


def test_without_a_reason_nothing_is_cancelled(cast: Cast) -> None:
    subscribers(*ADDRESSES)
    message = released(cast).message
    for reason in (" ", "x" * 201):
        with pytest.raises(InvalidInput):
            cancel(cast, message, reason=reason)
    assert set(Delivery.objects.filter(message=message).values_list("state", flat=True)) == {"planned"}
