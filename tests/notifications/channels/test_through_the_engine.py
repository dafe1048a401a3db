"""Every channel through the engine: planned, claimed, sent into the vendors' stand-ins, and what follows from their answers."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from core.clock import utc_now
from notifications.models import ChannelProvider, Delivery, Message
from notifications.rules.states import Lane
from notifications.services import claim_and_send
from notifications.services.plan_rows import Recipient, insert_deliveries
from stakeholders.models import Audience, ContactPoint, Stakeholder
from tests.support.cast import NOW, Cast
from tests.support.fakes import Outside
from tests.support.releases import released

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(cast: Cast, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> Message:
    """A release that reaches nobody by mail."""
    ChannelProvider.objects.filter(provider="twilio").update(enabled=True)
    monkeypatch.setattr("notifications.services.plan_notice.insert_deliveries", lambda *args, **kwargs: 0)
    return Message.objects.get(release=released(cast))


def told(message: Message, kind: str, *addresses: str) -> list[Delivery]:
    """Deliveries to new readers with these addresses, by the channel of that name."""
    person = Stakeholder.objects.create(kind="customer", name="Reader", created_at=NOW)
    points = [ContactPoint.objects.create(stakeholder=person, kind=kind, address=one, created_at=NOW) for one in addresses]
    audience = Audience.objects.get(key="customers")
    recipients = [Recipient(point.pk, None, audience.pk, Lane.SUBSCRIBERS) for point in points]
    insert_deliveries(message, recipients, purpose="release", channel=kind)
    return list(Delivery.objects.filter(contact_point__in=points).order_by("id"))


def send() -> None:
    while claim_and_send():
        pass


def stands(delivery: Delivery) -> str:
    return str(Delivery.objects.values_list("state", flat=True).get(pk=delivery.pk))


@pytest.mark.parametrize(
    ("kind", "address", "provider"),
    [
        ("sms", "+4915112345678", "twilio"),
        ("webhook", "{base}/hook/acme", "webhook"),
        ("slack", "{base}/services/T0/B0/x", "slack"),
        ("teams", "{base}/workflows/f/triggers/manual/paths/invoke?sig=x", "teams"),
    ],
)
def test_it_arrives_once(planned: Message, outside: Outside, kind: str, address: str, provider: str) -> None:
    delivery = told(planned, kind, address.format(base=outside.base))[0]
    send()
    assert stands(delivery) == "accepted"
    assert len(outside.taken(provider)) == 1
    assert outside.taken(provider)[0].key in {"", str(delivery.key)}


def test_an_answer_that_is_lost_leaves_a_text_message_uncertain_and_sends_no_second(planned: Message, outside: Outside) -> None:
    delivery = told(planned, "sms", "+4915112345678")[0]
    outside.script("twilio", "drop_after")
    outside.script("twilio_list", "500")
    send()
    send()
    assert stands(delivery) == "uncertain"
    assert outside.requests("twilio") == 1


def test_who_sent_stop_to_the_provider_is_stopped_here_as_one_who_asked(planned: Message, outside: Outside) -> None:
    outside.stand_ins.twilio.opted_out.add("+4915112345678")
    told(planned, "sms", "+4915112345678")
    send()
    point = ContactPoint.objects.get(kind="sms")
    assert (point.suppression_kind, point.suppression_reason) == ("stop", "its reader sent STOP")


def test_an_endpoint_that_is_gone_is_not_called_again(planned: Message, outside: Outside) -> None:
    outside.stand_ins.receiver.answers["acme"] = 410
    delivery = told(planned, "webhook", f"{outside.base}/hook/acme")[0]
    send()
    assert stands(delivery) == "bounced"
    assert ContactPoint.objects.get(kind="webhook").suppression_kind == "bounce"


def test_an_endpoint_that_fails_is_tried_again_and_one_success_clears_it(planned: Message, outside: Outside) -> None:
    outside.stand_ins.receiver.answers["acme"] = 500
    delivery = told(planned, "webhook", f"{outside.base}/hook/acme")[0]
    send()
    point = ContactPoint.objects.get(kind="webhook")
    assert (stands(delivery), point.soft_bounces, point.suppressed_at) == ("retry_wait", 1, None)
    del outside.stand_ins.receiver.answers["acme"]
    told(planned, "webhook", f"{outside.base}/hook/other")
    ContactPoint.objects.filter(address__endswith="other").update(bad_since=utc_now(), soft_bounces=2)
    send()
    assert ContactPoint.objects.get(address__endswith="other").soft_bounces == 0


def test_an_endpoint_that_fails_for_days_is_put_into_quarantine(planned: Message, outside: Outside) -> None:
    outside.stand_ins.receiver.answers["acme"] = 503
    delivery = told(planned, "webhook", f"{outside.base}/hook/acme")[0]
    ContactPoint.objects.filter(kind="webhook").update(bad_since=utc_now() - timedelta(days=4), soft_bounces=9)
    send()
    point = ContactPoint.objects.get(kind="webhook")
    assert point.suppression_kind == "bounce"
    assert "answered 503" in point.suppression_reason
    assert stands(delivery) == "retry_wait"


def test_a_provider_without_its_secrets_rests_and_loses_nothing(planned: Message, outside: Outside, settings: Settings) -> None:
    settings.TWILIO_AUTH_TOKEN = ""
    delivery = told(planned, "sms", "+4915112345678")[0]
    send()
    assert stands(delivery) in {"planned", "queued"}
    assert outside.requests("twilio") == 0


def test_where_the_mail_server_rests_sendgrid_steps_in(cast: Cast, planned: Message, outside: Outside, settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1
    ChannelProvider.objects.filter(provider="sendgrid").update(enabled=True)
    delivery = told(planned, "email", "anna@example.com")[0]
    send()
    assert stands(delivery) == "accepted"
    assert [taken.to for taken in outside.taken("sendgrid")] == ["anna@example.com"]
