"""Signed webhooks: checked by the receiver with the Standard Webhooks library, as its owner would."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pytest_django import Settings
from standardwebhooks import Webhook

from notifications.models import WebhookKey
from notifications.rules.hook_replies import seconds_asked
from notifications.rules.retry import after, scheduled
from notifications.rules.states import DeliveryState, MessageKind, Outcome
from notifications.rules.webhook import WAITS, secret_of
from notifications.services.plan_release import USEFUL_FOR
from notifications.transports.contract import Answer
from notifications.transports.webhook_secrets import secrets_of
from notifications.transports.webhooks import WebhookTransport, headers_of
from tests.support.channels import letter, message
from tests.support.fakes import Outside
from tests.support.sinks import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture
def webhooks(outside: Outside) -> Iterator[WebhookTransport]:
    transport = WebhookTransport()
    yield transport
    transport.close()


def endpoint(outside: Outside, name: str = "acme") -> str:
    """An endpoint whose owner was given its secret."""
    address = f"{outside.base}/hook/{name}"
    outside.stand_ins.receiver.secrets[name] = secrets_of([address], datetime.now(UTC))[address][0]
    return address


def sent(webhooks: WebhookTransport, address: str) -> Answer:
    return next(webhooks.send([letter(address)]))


def test_the_receiver_finds_the_signature_good_and_the_news_complete(outside: Outside, webhooks: WebhookTransport) -> None:
    one = letter(endpoint(outside))
    assert next(webhooks.send([one])).outcome.value == "accepted"
    taken = outside.taken("webhook")[0]
    body = json.loads(taken.text)
    assert taken.key == str(one.key)
    assert (body["type"], body["timestamp"]) == ("update.released", "2026-03-02T14:00:00Z")
    assert body["data"]["title"] == "Some checkouts fail"
    assert body["data"]["body_text"] == "Cards are refused. We look into it."
    assert body["data"]["next_update_at"] == "2026-03-02T14:30:00Z"
    assert body["data"]["components"] == [{"name": "Checkout", "status": "partial outage"}]


def test_a_secret_of_another_endpoint_or_generation_does_not_fit(outside: Outside, webhooks: WebhookTransport) -> None:
    address = endpoint(outside)
    outside.stand_ins.receiver.secrets["acme"] = secret_of(b"other", address, 1)
    answer = sent(webhooks, address)
    assert (answer.outcome.value, answer.code) == ("transient", 400)


def test_after_a_rotation_both_secrets_are_good_for_a_while(outside: Outside, webhooks: WebhookTransport) -> None:
    address, now = endpoint(outside), datetime.now(UTC)
    old = outside.stand_ins.receiver.secrets["acme"]
    key = WebhookKey.objects.create(address=address, generation=2, previous_until=now + timedelta(hours=1), rotated_at=now)
    new = secrets_of([address], now)[address][0]
    assert new != old
    for secret in (old, new):
        outside.stand_ins.receiver.secrets["acme"] = secret
        assert sent(webhooks, address).outcome.value == "accepted"
    key.previous_until = now - timedelta(seconds=1)
    key.save()
    outside.stand_ins.receiver.secrets["acme"] = old
    assert sent(webhooks, address).outcome.value == "transient"


@pytest.mark.parametrize("name", ["WEBHOOK_SECRET_KEY", "SECRET_KEY"])
def test_while_the_key_they_are_derived_from_is_changed_old_and_new_secrets_are_good(
    outside: Outside, webhooks: WebhookTransport, settings: Settings, name: str
) -> None:
    """Without a key of their own they hang on SECRET_KEY, and change over with it as everything that it signs does."""
    settings.WEBHOOK_SECRET_KEY = settings.SECRET_KEY = "first"
    if name == "SECRET_KEY":
        settings.WEBHOOK_SECRET_KEY = ""
    address = endpoint(outside)
    old = outside.stand_ins.receiver.secrets["acme"]
    setattr(settings, name, "second")
    setattr(settings, f"{name}_FALLBACKS", ["first"])
    new = secrets_of([address], datetime.now(UTC))[address][0]
    assert new == secret_of(b"second", address, 1)
    for secret in (old, new):
        outside.stand_ins.receiver.secrets["acme"] = secret
        assert sent(webhooks, address).outcome.value == "accepted"
    setattr(settings, f"{name}_FALLBACKS", [])
    outside.stand_ins.receiver.secrets["acme"] = old
    assert sent(webhooks, address).outcome.value == "transient"


def test_a_new_secret_and_a_new_key_at_the_same_time_leave_no_receiver_behind(settings: Settings) -> None:
    address, now = "https://example.com/hook", datetime.now(UTC)
    settings.WEBHOOK_SECRET_KEY, settings.WEBHOOK_SECRET_KEY_FALLBACKS = "second", ["first"]
    WebhookKey.objects.create(address=address, generation=2, previous_until=now + timedelta(hours=1), rotated_at=now)
    expected = [secret_of(master, address, generation) for master in (b"second", b"first") for generation in (2, 1)]
    assert list(secrets_of([address], now)[address]) == expected


def test_with_a_key_of_their_own_a_change_of_the_other_touches_no_webhook(settings: Settings) -> None:
    settings.WEBHOOK_SECRET_KEY = "own"
    address, now = "https://example.com/hook", datetime.now(UTC)
    before = secrets_of([address], now)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", ["only-for-tests"]
    assert secrets_of([address], now) == before


def test_a_time_of_another_zone_is_signed_as_the_instant_it_is() -> None:
    """The library takes the wall clock's numbers for UTC whatever the zone says, so it is given UTC."""
    secret = secret_of(b"master", "https://example.com/", 1)
    now = datetime.now(UTC)
    Webhook(secret).verify("{}", headers_of("key", "{}", [secret], now))
    there = now.astimezone(timezone(timedelta(hours=5)))
    Webhook(secret).verify("{}", headers_of("key", "{}", [secret], there))


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("410", "bad_address"),
        ("404", "transient"),
        ("500", "transient"),
        ("redirect", "transient"),
        ("drop_before", "ambiguous"),
        ("drop_after", "ambiguous"),
        ("slow", "ambiguous"),
        ("huge", "accepted"),
        ("trickle", "accepted"),
    ],
)
def test_what_each_answer_means(outside: Outside, webhooks: WebhookTransport, fault: str, outcome: str) -> None:
    outside.script("webhook", fault)
    assert sent(webhooks, endpoint(outside)).outcome.value == outcome
    assert outside.requests("webhook") == 1


def test_a_slow_endpoint_does_not_hold_up_the_others(outside: Outside, webhooks: WebhookTransport) -> None:
    outside.script("webhook", "slow")
    answers = list(webhooks.send([letter(endpoint(outside, f"customer{n}")) for n in range(20)]))
    assert sorted(answer.outcome.value for answer in answers) == ["accepted"] * 19 + ["ambiguous"]


def test_an_endpoint_inside_is_not_called(outside: Outside, webhooks: WebhookTransport, settings: Settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = []
    answer = sent(webhooks, f"https://127.0.0.1:{outside.port}/hook/acme")
    assert (answer.outcome.value, outside.requests("webhook")) == ("refused", 0)


def test_the_schedule_begins_as_the_standards_and_each_of_its_tries_comes_while_an_update_is_of_use() -> None:
    assert [wait.total_seconds() for wait in WAITS[:5]] == [5, 300, 1800, 7200, 18000]
    assert list(WAITS) == sorted(WAITS)
    latest = sum((scheduled(tries, WAITS, chance=lambda: 0.999) for tries in range(len(WAITS))), timedelta())
    room_for_each_exchange = timedelta(minutes=1) * len(WAITS)
    assert timedelta(hours=20) < latest < USEFUL_FOR - room_for_each_exchange
    assert WebhookTransport.ambiguous_retries == len(WAITS)


@pytest.mark.parametrize("tries", range(len(WAITS)))
def test_an_endpoint_that_is_down_for_most_of_a_day_still_gets_an_update(tries: int) -> None:
    """Whichever try it is that meets it up again."""
    down_until = sum(WAITS[: tries + 1], timedelta())
    tried, at = timedelta(), 0
    while tried < down_until:
        following = after(Outcome.TRANSIENT, tries=at, ambiguous=0, chance=lambda: 0.5, waits=WAITS)
        assert following.state is DeliveryState.RETRY_WAIT
        tried, at = tried + following.wait, at + 1
    assert tried < USEFUL_FOR


def test_the_guide_tells_the_waits_there_are() -> None:
    (told,) = re.findall(r"again after ([^;]+?), as long as", (ROOT / "docs" / "guide" / "channels.md").read_text())
    units = {"s": 1, "min": 60, "h": 3600}
    found: list[float] = []
    waiting: list[float] = []
    for number, unit in re.findall(r"(\d+)(?: (s|min|h)\b)?", told):
        waiting.append(float(number))
        if unit:
            found += [one * units[unit] for one in waiting]
            waiting = []
    assert found == [wait.total_seconds() for wait in WAITS]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120.0), (None, None), ("soon", None), ("99999999", 86400.0), ("Mon, 02 Mar 2026 14:01:00 GMT", 60.0),
     ("Mon, 02 Mar 2026 13:00:00 GMT", 0.0)],
)  # fmt: skip
def test_retry_after_is_honoured_within_reason(text: str | None, seconds: float | None) -> None:
    assert seconds_asked(text, datetime(2026, 3, 2, 14, 0, tzinfo=UTC)) == seconds


def test_a_note_to_a_colleague_is_another_type(outside: Outside, webhooks: WebhookTransport) -> None:
    view = message(MessageKind.NOTICE, released_at=None, at="2026-03-02T14:00:00+00:00", path="/console/incidents/x/")
    next(webhooks.send([letter(endpoint(outside), view)]))
    body = json.loads(outside.taken("webhook")[0].text)
    assert body["type"] == "notice.sent"
    assert body["data"]["url"].endswith("/console/incidents/x/")
