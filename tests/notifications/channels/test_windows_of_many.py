"""Where one call carries many readers their first attempts stand in one row: what that row proves, and what it must not hide."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now

from audit.models import Entry
from audit.rules.merkle import leaf_hash, root_of
from core.canonical import canonical_json
from notifications.models import (
    AttemptOutcome,
    ChannelProvider,
    Delivery,
    DeliveryAttempt,
    DeliveryRun,
    Message,
    WindowAttempt,
    WindowOutcome,
)
from notifications.queries import GOT_OR_MAY_HAVE
from notifications.queries.counts import counters_that_differ, counts_of, paces_of
from notifications.rules.retry import Next
from notifications.rules.states import DeliveryState, Outcome
from notifications.services import claim_and_send, rows, sweep
from notifications.services.auditor import problems_found
from notifications.services.callbacks import apply_waiting_callbacks, record_callback
from notifications.services.cancel_message import cancel_message
from notifications.services.guard import _last_attempt
from notifications.services.pause_message import pause_message
from notifications.services.send import EVERY_LANE, Sent, _record
from notifications.services.settle import attempt_leaves
from notifications.services.window import Messages, Parcel, open_window
from notifications.transports.contract import Answer
from notifications.transports.sendgrid import SendGridTransport
from tests.notifications.test_order import next_update
from tests.support.cast import NOW, Cast
from tests.support.fakes import Outside
from tests.support.releases import released, subscribers

pytestmark = pytest.mark.django_db
LEASE = timedelta(seconds=30)
ADDRESSES = [f"reader{number}@example.com" for number in range(5)]
ACCEPTED = rows.Verdict(Outcome.ACCEPTED, 202, "", "one", Next(DeliveryState.ACCEPTED, counts_as_try=True))


@pytest.fixture
def message(cast: Cast, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> Message:
    """To five readers, by SendGrid."""
    ChannelProvider.objects.filter(provider="smtp").update(enabled=False)
    ChannelProvider.objects.filter(provider="sendgrid").update(enabled=True)
    monkeypatch.setattr("notifications.services.plan_notice.insert_deliveries", lambda *args, **kwargs: 0)
    subscribers(*ADDRESSES)
    return Message.objects.get(release=released(cast))


def send() -> None:
    while claim_and_send():
        pass


def opened(limit: int = 10) -> tuple[list[rows.Run], list[Parcel]]:
    runs = rows.claim("email", EVERY_LANE, limit, LEASE)
    messages = Messages(Message.objects.in_bulk({run.message for run in runs}))
    return runs, open_window(runs, messages, limit=limit, lease=LEASE, provider="sendgrid", shared=True)[0]


def closed(parcels: list[Parcel], *answers: Answer) -> None:
    _record(SendGridTransport(), Sent.of(parcels, list(answers) * (len(parcels) if len(answers) == 1 else 1)), NOW)


def ids() -> list[int]:
    return list(Delivery.objects.order_by("id").values_list("id", flat=True))


def states() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def refused(statement: str, match: str, params: list[Any] | None = None) -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)


def test_one_row_is_the_attempt_of_all_and_names_each(message: Message, outside: Outside) -> None:
    send()
    assert len(outside.taken("sendgrid")) == len(ADDRESSES)
    window = WindowAttempt.objects.get()
    outcome = WindowOutcome.objects.get()
    assert (window.deliveries, outcome.deliveries, outcome.outcome, outcome.code) == (ids(), ids(), "accepted", 202)
    assert not DeliveryAttempt.objects.exists()
    stands = set(Delivery.objects.values_list("state", "attempt_count", "tries", "ambiguous", "fence", "provider"))
    assert stands == {("accepted", 1, 1, 0, 1, "sendgrid")}
    assert _last_attempt() == window.pk
    assert counters_that_differ([message.pk]) == []
    (pace,) = paces_of(message.pk, window.started_at).values()
    assert pace.ended == len(ADDRESSES)


def test_the_log_holds_the_root_of_one_leaf_that_names_each_reader_by_key(message: Message) -> None:
    send()
    window, outcome = WindowAttempt.objects.get(), WindowOutcome.objects.get()
    leaf = leaf_hash(
        canonical_json(
            {
                "keys": [str(key) for key in Delivery.objects.order_by("id").values_list("key", flat=True)],
                "number": 1,
                "started_at": window.started_at.isoformat(timespec="microseconds"),
                "outcome": outcome.outcome,
                "code": outcome.code,
                "at": outcome.at.isoformat(timespec="microseconds"),
            }
        )
    )
    assert list(attempt_leaves(message)) == [leaf]
    entry = Entry.objects.get(type="deliveries.batch", subject=f"message:{message.public_id}")
    assert f'"attempts":{len(ADDRESSES)}' in bytes(entry.body).decode()
    assert root_of([leaf]).hex() in bytes(entry.body).decode()


def test_what_is_on_the_wire_is_counted_so_and_belongs_to_those_who_may_have_got_it(message: Message) -> None:
    _, parcels = opened(limit=3)
    assert len(parcels) == 3
    assert counts_of([message.pk])[message.pk] == {"sending": 3, "planned": 2}
    assert counters_that_differ([message.pk]) == []
    assert problems_found(lease=LEASE) == []
    may_have = Delivery.objects.filter(GOT_OR_MAY_HAVE, message=message).order_by("id").values_list("id", flat=True)
    assert list(may_have) == [parcel.held.id for parcel in parcels]
    closed(parcels, Answer(Outcome.ACCEPTED, 202))
    assert counts_of([message.pk])[message.pk] == {"accepted": 3, "planned": 2}
    assert counters_that_differ([message.pk]) == []


def test_while_the_older_update_is_on_the_wire_the_newer_one_waits(cast: Cast, message: Message, outside: Outside) -> None:
    assert message.release is not None
    runs, parcels = opened()
    second = next_update(cast, message.release.update_of.incident)
    send()
    assert set(Delivery.objects.filter(message__release=second).values_list("state", flat=True)) == {"planned"}
    assert outside.taken("sendgrid") == []
    closed(parcels, Answer(Outcome.ACCEPTED, 202))
    rows.let_go(runs)
    DeliveryRun.objects.update(due_at=Now())
    send()
    assert set(Delivery.objects.filter(message__release=second).values_list("state", flat=True)) == {"accepted"}


def test_answers_that_differ_are_told_apart_by_reader(message: Message) -> None:
    _, parcels = opened()
    accepted, bad = Answer(Outcome.ACCEPTED, 202), Answer(Outcome.BAD_ADDRESS, 400, "SendGrid takes no such address")
    closed(parcels, accepted, bad, accepted, Answer(Outcome.TRANSIENT, 500, "again"), Answer(Outcome.NOT_SENT))
    assert states() == ["accepted", "bounced", "accepted", "retry_wait", "queued"]
    a, b, c, d, e = ids()
    told = {(one.outcome, tuple(one.deliveries)) for one in WindowOutcome.objects.all()}
    assert told == {("accepted", (a, c)), ("bad_address", (b,)), ("transient", (d,)), ("not_sent", (e,))}
    assert Delivery.objects.filter(contact_point__suppressed_at__isnull=False).get().pk == b
    assert counters_that_differ([message.pk]) == []
    assert problems_found(lease=LEASE) == []


def test_of_a_dead_workers_window_each_is_ambiguous_and_sent_once_more_under_its_key(message: Message, outside: Outside) -> None:
    opened()
    keys = {str(key) for key in Delivery.objects.values_list("key", flat=True)}
    DeliveryRun.objects.update(lease_until=Now())
    sweep(now=NOW)
    assert set(Delivery.objects.values_list("state", "ambiguous", "tries", "attempt_count")) == {("retry_wait", 1, 1, 1)}
    assert WindowOutcome.objects.get().outcome == "ambiguous"
    assert counters_that_differ([message.pk]) == []
    DeliveryRun.objects.update(due_at=Now())
    send()
    assert set(states()) == {"accepted"}
    assert {taken.key for taken in outside.taken("sendgrid")} == keys
    # A further attempt is each delivery's own.
    assert set(DeliveryAttempt.objects.values_list("number", flat=True)) == {2}
    assert AttemptOutcome.objects.count() == len(keys)
    assert len(list(attempt_leaves(message))) == len(keys) + 1


def test_a_worker_that_slept_past_its_lease_writes_nothing_down(message: Message) -> None:
    runs, parcels = opened()
    DeliveryRun.objects.update(lease_until=Now())
    sweep(now=NOW)
    closed(parcels, Answer(Outcome.ACCEPTED, 202))
    assert set(states()) == {"retry_wait"}
    assert WindowOutcome.objects.get().outcome == "ambiguous"
    # Nor does it take back what another holds by then.
    DeliveryRun.objects.update(due_at=Now())
    opened()
    rows.let_go(runs)
    assert rows.close_attempts([(ACCEPTED, [parcel.held for parcel in parcels])]) == set()


def test_the_same_window_is_closed_by_one(message: Message) -> None:
    _, parcels = opened()
    held = [parcel.held for parcel in parcels]
    assert len(rows.close_attempts([(ACCEPTED, held)])) == len(ADDRESSES)
    assert rows.close_attempts([(ACCEPTED, held)]) == set()


def test_cancelled_it_tells_how_many_are_on_the_wire_and_those_stand_as_they_ended(cast: Cast, message: Message) -> None:
    runs, parcels = opened(limit=3)
    told = cancel_message(actor=cast.actor("commander", stepped_up=True), now=NOW, message_id=message.public_id, reason="Wrong list.")
    assert (told.in_flight, told.stopped) == (3, 2)
    closed(parcels, Answer(Outcome.ACCEPTED, 202))
    rows.let_go(runs)
    sweep(now=NOW)
    assert states() == ["accepted"] * 3 + ["cancelled"] * 2


def test_nothing_is_opened_of_what_a_person_paused_whoever_forgets_to_ask(cast: Cast, message: Message) -> None:
    runs = rows.claim("email", EVERY_LANE, 10, LEASE)
    pause_message(actor=cast.actor("commander", stepped_up=True), now=NOW, message_id=message.public_id)
    assert open_window(runs, Messages({message.pk: message}), limit=9, lease=LEASE, provider="sendgrid", shared=True) == ([], 0)
    refused(WINDOW, "nothing is begun", [ids()])


WINDOW = (
    "INSERT INTO notifications_windowattempt (id, message_id, run_id, fence, provider, started_at, first_id, last_id, deliveries)"
    " SELECT 9, d.message_id, d.run_id, 1, 'sendgrid', now(), w.ids[1], w.ids[cardinality(w.ids)], w.ids"
    " FROM (SELECT %s::bigint[] AS ids) w JOIN notifications_delivery d ON d.id = (SELECT min(id) FROM notifications_delivery)"
)
TOLD = (
    "INSERT INTO notifications_windowoutcome (window_id, outcome, code, detail, provider_id, at, deliveries)"
    " SELECT id, 'accepted', 202, '', '', now(), %s::bigint[] FROM notifications_windowattempt"
)


def test_a_window_lists_what_waits_for_its_first_attempt_each_once_and_nothing_else(message: Message) -> None:
    all_of_them = ids()
    for wrong in ([*all_of_them, 987654321], [all_of_them[0], *all_of_them], all_of_them[::2], all_of_them[::-1]):
        refused(WINDOW, "a window lists|notifications_window_attempt_range", [wrong])
    Delivery.objects.filter(pk=all_of_them[1]).update(state="cancelled", closed_at=Now())
    refused(WINDOW, "a window lists", [all_of_them])


def test_what_a_window_came_to_is_told_whole_and_once(message: Message) -> None:
    _, parcels = opened()
    for wrong in (ids()[:-1], [*ids(), ids()[0]], [*ids(), 987654321]):
        refused(TOLD, "said once, for each", [wrong])
    closed(parcels, Answer(Outcome.ACCEPTED, 202))
    refused(TOLD, "said once, for each", [ids()])


@pytest.mark.parametrize("table", ["notifications_windowattempt", "notifications_windowoutcome"])
def test_windows_and_their_outcomes_are_never_changed_or_taken_away(message: Message, table: str) -> None:
    send()
    for statement in (f"UPDATE {table} SET id = id + 1", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608 - words of this test
        refused(statement, "append-only")


def test_a_run_with_an_open_window_is_held_by_somebody_and_not_opened_twice(message: Message) -> None:
    runs, parcels = opened(limit=3)
    assert len(parcels) == 3
    refused("UPDATE notifications_deliveryrun SET lease_until = NULL", "notifications_run_open_window_leased")
    assert open_window(runs, Messages({message.pk: message}), limit=9, lease=LEASE, provider="sendgrid", shared=True) == ([], 0)


def test_an_outcome_is_a_known_word(message: Message) -> None:
    opened()
    refused(TOLD.replace("'accepted'", "'lost'"), "notifications_window_outcome_known", [ids()])


def test_news_of_what_is_on_the_wire_waits_until_it_is_written_down(cast: Cast, message: Message) -> None:
    _, parcels = opened()
    key = Delivery.objects.order_by("id").values_list("key", flat=True)[0]
    record_callback(actor=cast.system(), now=NOW, provider="sendgrid", state=DeliveryState.DELIVERED, at=NOW, key=key)
    assert set(states()) == {"planned"}
    closed(parcels, Answer(Outcome.ACCEPTED, 202))
    assert apply_waiting_callbacks(now=NOW) == 1
    assert states() == ["delivered", *["accepted"] * 4]
