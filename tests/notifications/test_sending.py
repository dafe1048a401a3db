"""From a release to letters in a real mail server, and every way that can go wrong."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models.functions import Now
from guardian.shortcuts import assign_perm

from audit.models import Entry
from audit.rules.merkle import root_of
from incidents.models import Incident
from incidents.rules.content import Content, Wording
from notifications.models import AttemptOutcome, Delivery, DeliveryAttempt, DeliveryFailure, DeliveryRun, Message, ProviderState
from notifications.rules.keys import delivery_key
from notifications.rules.retry import Next
from notifications.rules.states import DeliveryState, Outcome
from notifications.rules.wordings import worded
from notifications.services import claim_and_send, rows, sweep
from notifications.services.plan_release import plan_release
from notifications.services.send import EVERY_LANE
from notifications.services.settle import attempt_leaves
from notifications.services.window import Messages, Parcel, open_window
from notifications.transports import smtp
from notifications.transports.smtp_pipe import Pipe
from stakeholders.models import Audience, ContactPoint
from stakeholders.rules.kinds import SuppressionKind
from stakeholders.services import opt_out, stop_address, suppress_contact_point
from tests.support.cast import NOW, Cast
from tests.support.releases import released, subscribers
from tests.support.sinks import Sink

pytestmark = pytest.mark.django_db
LEASE = timedelta(seconds=10)


@pytest.fixture(autouse=True)
def no_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the release's own letters are looked at here."""
    monkeypatch.setattr("notifications.services.plan_notice.insert_deliveries", lambda *args, **kwargs: 0)


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in Delivery.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def outcomes() -> list[str]:
    return list(AttemptOutcome.objects.order_by("attempt_id").values_list("outcome", flat=True))


def all_waits_over() -> None:
    DeliveryRun.objects.update(due_at=Now())
    ProviderState.objects.exclude(breaker="closed").update(until=Now())


def leases_over() -> None:
    DeliveryRun.objects.filter(lease_until__isnull=False).update(lease_until=Now())


def claim() -> list[rows.Run]:
    return rows.claim("email", EVERY_LANE, 10, LEASE)


def opened(runs: list[rows.Run]) -> list[Parcel]:
    messages = Messages(Message.objects.in_bulk({run.message for run in runs}))
    return open_window(runs, messages, limit=10, lease=LEASE, provider="smtp")[0]


def send() -> None:
    while claim_and_send():
        pass


def batches(message: Message) -> list[dict[str, Any]]:
    found = Entry.objects.filter(type="deliveries.batch", subject=f"message:{message.public_id}").order_by("index")
    return [json.loads(bytes(entry.body)) for entry in found]


def test_a_release_reaches_each_subscriber_once_and_the_log_holds_one_root_over_its_attempts(cast: Cast, sink: Sink) -> None:
    subscribers("anna@example.com", "ben@example.com")
    message = Message.objects.get(release=released(cast))
    assert states() == {"planned": 2}
    send()
    send()
    assert states() == {"accepted": 2}
    assert sink.recipients() == ["anna@example.com", "ben@example.com"]
    root = root_of(attempt_leaves(message)).hex()
    assert batches(message) == [{"attempts": 2, "root": root, "deliveries": {"accepted": 2}}]


def test_planning_twice_plans_once(cast: Cast) -> None:
    subscribers("anna@example.com")
    release = released(cast)
    assert plan_release(actor=cast.system(), now=NOW, release_id=release.pk) == Message.objects.get(release=release)
    assert Delivery.objects.count() == 1


def test_an_address_in_two_audiences_reads_the_wording_of_the_first_by_position(cast: Cast, sink: Sink) -> None:
    subscribers("both@example.com", audiences=("internal", "customers"))
    subscribers("colleague@example.com", audiences=("internal",))
    released(cast)
    send()
    assert sink.letter_to("both@example.com")["Subject"] == "Checkout is failing"
    assert sink.letter_to("colleague@example.com")["Subject"] == "Checkout errors"


def test_the_key_names_message_address_and_purpose_and_stays_over_attempts(cast: Cast, sink: Sink) -> None:
    (anna,) = subscribers("anna@example.com")
    message = Message.objects.get(release=released(cast))
    sink.script = ["4xx"]
    send()
    assert states() == {"retry_wait": 1}
    all_waits_over()
    send()
    key = str(delivery_key(message.public_id, f"contact:{anna.pk}", "release"))
    letter = sink.letter_to("anna@example.com")
    assert (letter["X-Delivery-Key"], letter["Message-ID"]) == (key, f"<{key}@localhost>")
    assert outcomes() == ["transient", "accepted"]


def test_an_address_that_does_not_exist_bounces_and_is_suppressed(cast: Cast, sink: Sink, caplog: pytest.LogCaptureFixture) -> None:
    subscribers("anna@example.com", "gone@example.com")
    sink.bad = {"gone@example.com"}
    with caplog.at_level(logging.DEBUG, "notifications"):
        release = released(cast)
        send()
    assert states() == {"accepted": 1, "bounced": 1}
    assert ContactPoint.objects.get(address="gone@example.com").suppression_reason == "bounced: 550"
    failure = DeliveryFailure.objects.get(message=release.message)
    assert (failure.state, failure.reason) == ("bounced", "5.1.1 [address] does not exist")
    assert "@example.com" not in caplog.text


def test_where_all_of_a_window_bounce_the_channel_rests_and_nobody_is_suppressed(cast: Cast, sink: Sink) -> None:
    addresses = [f"reader{n}@example.com" for n in range(5)]
    subscribers(*addresses)
    released(cast)
    sink.bad = set(addresses)
    assert claim_and_send() == 5
    assert (states(), outcomes()) == ({"retry_wait": 5}, ["configuration"] * 5)
    assert "none exists" in ProviderState.objects.get().reason
    assert not ContactPoint.objects.filter(suppressed_at__isnull=False).exists()
    sink.bad = set()
    all_waits_over()
    send()
    assert states() == {"accepted": 5}


@pytest.mark.parametrize(("step", "state"), [("compose", "dead"), ("_hand_over", "retry_wait")])
def test_one_letter_that_fails_unexpectedly_takes_no_other_with_it(
    cast: Cast, sink: Sink, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, step: str, state: str
) -> None:
    subscribers("anna@example.com", "ben@example.com", "cleo@example.com")
    released(cast)
    place: Any = smtp if step == "compose" else Pipe
    real = getattr(place, step)

    def failing(*args: Any, **kwargs: Any) -> Any:
        if (args[0].address if step == "compose" else args[1].recipient) == "ben@example.com":
            raise KeyError("ben@example.com")
        return real(*args, **kwargs)

    monkeypatch.setattr(place, step, failing)
    assert claim_and_send() == 3
    rest = {"accepted": 2} if step == "compose" else {"accepted": 1, "queued": 1}
    assert states() == rest | {state: 1}
    assert "KeyError" in caplog.text
    assert "ben@example.com" not in caplog.text


def test_a_refusal_of_the_letter_ends_the_delivery_and_leaves_the_address(cast: Cast, sink: Sink) -> None:
    subscribers("anna@example.com")
    released(cast)
    sink.script = ["refuse"]
    send()
    assert states() == {"dead": 1}
    assert ContactPoint.objects.get(address="anna@example.com").suppressed_at is None


def test_a_line_that_breaks_before_the_letter_is_handed_over_is_tried_again(cast: Cast, sink: Sink) -> None:
    subscribers("anna@example.com")
    released(cast)
    sink.script = ["drop_before"]
    send()
    assert (states(), outcomes()) == ({"retry_wait": 1}, ["transient"])
    all_waits_over()
    send()
    assert states() == {"accepted": 1}
    assert max(sink.accepted.values()) == 1


def test_a_line_that_breaks_after_the_letter_is_ambiguous_and_tried_once_more_under_the_same_key(cast: Cast, sink: Sink) -> None:
    subscribers("anna@example.com")
    released(cast)
    sink.script = ["drop_after"]
    send()
    assert (states(), outcomes()) == ({"retry_wait": 1}, ["ambiguous"])
    all_waits_over()
    send()
    assert states() == {"accepted": 1}
    assert list(sink.accepted.values()) == [2]


def test_ambiguous_twice_is_uncertain_and_not_sent_a_third_time(cast: Cast, sink: Sink) -> None:
    subscribers("anna@example.com")
    released(cast)
    sink.script = ["drop_after", "drop_after"]
    send()
    all_waits_over()
    send()
    all_waits_over()
    send()
    assert states() == {"uncertain": 1}
    assert list(sink.accepted.values()) == [2]


def test_a_server_that_refuses_our_sender_rests_and_uses_up_no_tries(cast: Cast, sink: Sink) -> None:
    subscribers(*(f"reader{n}@example.com" for n in range(12)))
    released(cast)
    sink.script = ["sender"]
    send()
    assert states() == {"queued": 12}
    assert Delivery.objects.filter(tries__gt=0).count() == 0
    assert "530" in ProviderState.objects.get().reason
    assert claim_and_send() == 0
    all_waits_over()
    send()
    assert states() == {"accepted": 12}
    assert ProviderState.objects.get().breaker == "closed"


def test_without_a_mail_server_nothing_counts_as_tried(cast: Cast, no_mail_server: None) -> None:
    subscribers("anna@example.com")
    released(cast)
    assert claim_and_send() == 1
    assert states() == {"planned": 1}
    assert DeliveryAttempt.objects.count() == 0
    assert claim_and_send() == 0


def test_a_server_that_does_not_take_commands_in_groups_is_served_one_by_one(cast: Cast, sink: Sink) -> None:
    sink.pipelining = False
    subscribers("anna@example.com", "gone@example.com", "zoe@example.com")
    sink.bad = {"gone@example.com"}
    released(cast)
    send()
    assert sink.recipients() == ["anna@example.com", "zoe@example.com"]


def test_suppressed_unsubscribed_and_deactivated_since_planning_are_not_written_to(cast: Cast, sink: Sink) -> None:
    suppressed, unsubscribed, _ = subscribers("s@example.com", "u@example.com", "w@example.com")
    release = released(cast)
    customers = Audience.objects.get(key="customers")
    suppress_contact_point(actor=cast.system(), now=NOW, contact_point=suppressed, reason="asked by phone")
    opt_out(actor=cast.system(), now=NOW, contact_point=unsubscribed, audience=customers, source="page")
    send()
    assert sink.recipients() == ["w@example.com"]
    reasons = dict(Delivery.objects.values_list("contact_point__address", "reason"))
    assert reasons == {"s@example.com": "the address is suppressed", "u@example.com": "unsubscribed", "w@example.com": ""}
    told = DeliveryFailure.objects.filter(message=release.message).order_by("delivery").values_list("state", "reason")
    assert list(told) == [("suppressed", "the address is suppressed"), ("suppressed", "unsubscribed")], "whom it did not reach is said"


def test_a_stop_that_a_row_has_missed_is_read_when_it_is_sent(cast: Cast, sink: Sink) -> None:
    """Registered in the very moment of the stop, neither transaction sees the other."""
    subscribers("Anna@example.com", "w@example.com")
    released(cast)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE stakeholders_stoppedaddress DISABLE TRIGGER stakeholders_stop_every_entry")
    stop_address(actor=cast.system(), now=NOW, kind="email", address="anna@example.com", because=SuppressionKind.STOP, reason="said so")
    assert not ContactPoint.objects.exclude(suppressed_at=None).exists()
    send()
    assert sink.recipients() == ["w@example.com"]


def test_an_incident_restricted_since_planning_is_told_only_to_those_it_is_granted_to(cast: Cast, sink: Sink) -> None:
    subscribers("outsider@example.com")
    (granted,) = subscribers("legal@example.com", audiences=("internal",))
    granted.stakeholder.user = cast.legal
    granted.stakeholder.save()
    release = released(cast)
    incident = release.update_of.incident
    Incident.objects.filter(pk=incident.pk).update(restricted=True)
    assign_perm("incidents.view_incident", cast.legal, incident)
    send()
    assert sink.recipients() == ["legal@example.com"]
    assert states() == {"accepted": 1, "suppressed": 1}


def test_what_is_too_late_expires(cast: Cast, sink: Sink) -> None:
    subscribers("anna@example.com")
    message = Message.objects.get(release=released(cast))
    Message.objects.update(expires_at=Now() - timedelta(seconds=1))
    send()
    sweep(now=NOW)
    assert (states(), sink.recipients()) == ({"expired": 1}, [])
    assert batches(message)[0]["deliveries"] == {"expired": 1}


def test_a_lease_that_ran_out_unsent_goes_back_to_the_queue_and_its_holder_can_send_no_more(cast: Cast, sink: Sink) -> None:
    subscribers("anna@example.com")
    released(cast)
    runs = claim()
    leases_over()
    sweep(now=NOW)
    assert states() == {"planned": 1}
    assert opened(runs) == []
    send()
    assert states() == {"accepted": 1}


def test_a_lease_that_ran_out_with_an_attempt_open_is_ambiguous_and_its_holder_is_fenced_off(cast: Cast, sink: Sink) -> None:
    subscribers("anna@example.com")
    released(cast)
    runs = claim()
    (parcel,) = opened(runs)
    leases_over()
    sweep(now=NOW)
    assert (states(), outcomes()) == ({"retry_wait": 1}, ["ambiguous"])
    late = rows.Verdict(Outcome.ACCEPTED, 250, "", "", Next(DeliveryState.ACCEPTED, counts_as_try=True))
    assert rows.close_attempts([(late, [parcel.held])]) == set()
    rows.let_go(runs)
    assert (states(), outcomes()) == ({"retry_wait": 1}, ["ambiguous"])


def test_workers_that_die_one_after_the_other_before_they_send_do_not_lose_a_letter(cast: Cast, sink: Sink) -> None:
    """Seen under a storm of kills: the second death on the same letter ended it as uncertain, though nobody had sent it."""
    subscribers("anna@example.com")
    released(cast)
    for deaths in range(1, 4):
        opened(claim())
        leases_over()
        sweep(now=NOW)
        assert (states(), outcomes()) == ({"retry_wait": 1}, ["ambiguous"] * deaths)
        all_waits_over()
    send()
    assert states() == {"accepted": 1}
    assert list(sink.accepted.values()) == [1]


@pytest.mark.parametrize("model", [DeliveryAttempt, AttemptOutcome])
def test_attempts_and_outcomes_cannot_be_changed_or_taken_away(model: Any, cast: Cast, sink: Sink) -> None:
    subscribers("anna@example.com")
    released(cast)
    send()
    changed = {"number": 7} if model is DeliveryAttempt else {"code": 1}
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.update(**changed)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.all()._raw_delete("default")


def test_lanes_are_served_in_order(cast: Cast, sink: Sink) -> None:
    subscribers("colleague@example.com", audiences=("internal",))
    subscribers("reader@example.com")
    subscribers("regulator@example.com", kind="regulator")
    released(cast)
    send()
    assert [recipient for recipient, _ in sink.letters] == ["regulator@example.com", "reader@example.com", "colleague@example.com"]


def test_an_audience_without_english_wording_is_written_to_in_the_language_it_has() -> None:
    german, french, english = Wording("Störung", "a"), Wording("Panne", "b"), Wording("Outage", "c")
    content = Content(
        status="investigating",
        impact="major",
        wording={"customers": {"fr": french, "de": german}, "internal": {"de": german, "en": english}},
    )
    assert worded(content) == {"customers": german, "internal": english}
