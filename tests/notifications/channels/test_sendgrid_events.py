"""SendGrid's signed event webhook: who may tell us something, and what it does."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from audit.queries import entries
from demo.fakes.sendgrid import event
from notifications.models import Delivery, ProviderEvent
from notifications.services.prove_channel import prove_channel
from notifications.services.provider_events import forget_old_events
from stakeholders.models import ContactPoint
from tests.support.cast import NOW, Cast
from tests.support.fakes import Outside, Taken

pytestmark = pytest.mark.django_db
ADDRESS = "/hooks/sendgrid/events/"


def tell(outside: Outside, *events: dict[str, Any], at: float | None = None, body: bytes = b"", **headers: str) -> Any:
    sent, signed = outside.stand_ins.sendgrid.signed(list(events), at=at)
    return Client().post(ADDRESS, body or sent, content_type="application/json", headers=signed | headers)


def state() -> str:
    return str(Delivery.objects.values_list("state", flat=True).get())


def test_what_was_delivered_is_delivered(outside: Outside, taken: Taken) -> None:
    assert state() == "accepted"
    answer = tell(outside, event("processed", taken), event("delivered", taken), event("open", taken))
    assert (answer.status_code, answer.json()) == (200, {"events": 3, "new": 1})
    assert state() == "delivered"


def test_a_repeat_changes_nothing(outside: Outside, taken: Taken) -> None:
    news = event("bounce", taken, type="blocked", status="4.7.1")
    for _ in range(3):
        tell(outside, news)
    address = ContactPoint.objects.get()
    assert (state(), address.soft_bounces, address.suppressed_at) == ("undelivered", 1, None)


def test_out_of_order_the_bounce_stands(outside: Outside, taken: Taken) -> None:
    tell(outside, event("bounce", taken, type="bounce", status="5.1.1"))
    tell(outside, event("delivered", taken))
    address = ContactPoint.objects.get()
    assert state() == "bounced"
    assert (address.suppression_kind, address.suppression_reason) == ("bounce", "sendgrid: bounce bounce 5.1.1")


@pytest.mark.parametrize(
    ("kind", "more", "stands", "suppressed"),
    [
        ("spamreport", {}, "accepted", "complaint"),
        ("unsubscribe", {}, "accepted", "stop"),
        ("dropped", {"reason": "Bounced Address"}, "bounced", "bounce"),
        ("dropped", {"reason": "Spam Reporting Address"}, "undelivered", "complaint"),
        ("dropped", {"reason": "Unsubscribed Address"}, "undelivered", "stop"),
        ("dropped", {"reason": "Spam Content (if Spam Checker app is enabled)"}, "undelivered", ""),
        ("deferred", {"response": "400 try again later"}, "accepted", ""),
    ],
)
def test_what_each_event_does(outside: Outside, taken: Taken, kind: str, more: dict[str, str], stands: str, suppressed: str) -> None:
    assert tell(outside, event(kind, taken, **more)).status_code == 200
    assert (state(), ContactPoint.objects.get().suppression_kind) == (stands, suppressed)


def test_the_far_sides_words_do_not_reach_the_reasons(outside: Outside, taken: Taken) -> None:
    tell(outside, event("bounce", taken, type="bounce", status="5.1.1", reason="550 <anna@example.com> unknown"))
    assert "@" not in ContactPoint.objects.get().suppression_reason


def test_only_sendgrid_is_believed(outside: Outside, taken: Taken, settings: Settings) -> None:
    news = event("bounce", taken, type="bounce")
    other, _ = outside.stand_ins.sendgrid.signed([event("delivered", taken)])
    assert tell(outside, news, body=other).status_code == 401
    signature = {"X-Twilio-Email-Event-Webhook-Signature": "not base64!"}
    assert Client().post(ADDRESS, json.dumps([news]), content_type="application/json", headers=signature).status_code == 401
    assert Client().post(ADDRESS, json.dumps([news]), content_type="application/json").status_code == 401
    settings.SENDGRID_EVENT_KEY = ""
    assert tell(outside, news).status_code == 401
    assert state() == "accepted"


@pytest.mark.parametrize(("hours", "status"), [(24, 200), (26, 401), (-1, 401)])
def test_an_old_signature_is_refused_after_the_time_that_sendgrid_repeats_for(
    outside: Outside, taken: Taken, hours: int, status: int
) -> None:
    at = (datetime.now(UTC) - timedelta(hours=hours)).timestamp()
    assert tell(outside, event("delivered", taken), at=at).status_code == status


@pytest.mark.parametrize("body", [b"{}", b"[1, null, [], {}]", b"nothing", b'[{"event": "bounce", "delivery_key": 7, "timestamp": "x"}]'])
def test_a_body_of_another_shape_does_no_harm(outside: Outside, body: bytes) -> None:
    headers = outside.stand_ins.sendgrid.signature(body)
    answer = Client().post(ADDRESS, body, content_type="application/json", headers=headers)
    assert answer.status_code == (200 if body.startswith(b"[") else 400)


def test_news_of_mail_that_is_not_ours_is_left_alone(outside: Outside, taken: Taken) -> None:
    stranger = Taken("sendgrid", "x@example.com", "other", extra={"custom_args": {"delivery_key": "00000000-0000-4000-8000-000000000000"}})
    assert tell(outside, event("bounce", stranger, type="bounce")).json() == {"events": 1, "new": 0}
    assert tell(outside, event("bounce", Taken("sendgrid", "x@example.com", "other"))).json() == {"events": 1, "new": 0}
    assert not ProviderEvent.objects.exists()


def test_what_was_heard_is_forgotten_after_nobody_repeats_it(outside: Outside, taken: Taken) -> None:
    tell(outside, event("delivered", taken))
    now = datetime.now(UTC)
    assert forget_old_events(now=now + timedelta(days=2)) == 0
    assert forget_old_events(now=now + timedelta(days=4)) == 1


def test_what_is_told_of_a_test_stands_on_it_and_moves_forward_only(outside: Outside, cast: Cast) -> None:
    proof = prove_channel(actor=cast.actor("admin"), now=NOW, channel="email", provider="sendgrid", address="anna@example.com")
    taken = outside.taken("sendgrid")[-1]
    for news, stands in (
        (event("delivered", taken), "delivered"),
        (event("bounce", taken, type="bounce", status="5.1.1"), "bounced"),
        (event("delivered", taken, sg_event_id="again"), "bounced"),
    ):
        assert tell(outside, news, news).json()["new"] == 1
        proof.refresh_from_db()
        assert (proof.outcome, proof.later) == ("accepted", stands)
    assert proof.later_detail == "bounce bounce 5.1.1"
    assert [entry.type for entry in entries().order_by("index")].count("channel.test_followed") == 2
    assert not ContactPoint.objects.exclude(suppressed_at=None).exists()
    client = cast.client("admin")
    assert "Came back: the address does not work" in client.get("/console/channels/email/sendgrid/").content.decode()
    assert "Came back: the address does not work" in client.get("/console/channels/").content.decode()
    read = next(row for row in client.get("/api/v1/channels/").json()["results"] if row["provider"] == "sendgrid")
    assert (read["last_proof"]["later"], read["last_proof"]["later_detail"]) == ("bounced", "bounce bounce 5.1.1")


def test_of_a_key_that_is_nobodys_nothing_is_kept(outside: Outside, cast: Cast, taken: Taken) -> None:
    stranger = event("bounce", taken, delivery_key="00000000-0000-4000-8000-000000000000")
    assert tell(outside, stranger).json()["new"] == 0
    assert not ProviderEvent.objects.exists()
