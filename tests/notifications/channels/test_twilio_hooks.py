"""What Twilio tells of text messages, and what people answer to them."""

from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from accounts.actors import system
from audit.queries import entries
from notifications.models import Delivery
from notifications.services.text_words import Word, word_in
from stakeholders.models import ContactPoint, Stakeholder
from stakeholders.services.stop_writing import suppress_contact_point
from tests.support.cast import NOW, Cast
from tests.support.fakes import Outside, Taken

pytestmark = pytest.mark.django_db
STATUS, INBOUND = "/hooks/twilio/status/", "/hooks/twilio/inbound/"
NUMBER = "+4915112345678"
FORM = "application/x-www-form-urlencoded"


def reader(number: str = NUMBER, name: str = "Anna") -> ContactPoint:
    person = Stakeholder.objects.create(kind="customer", name=name, created_at=NOW)
    return ContactPoint.objects.create(stakeholder=person, kind="sms", address=number, created_at=NOW)


def told(outside: Outside, url: str, key: str, status: str, error: str = "") -> int:
    path = f"{STATUS}?key={key}"
    outside.stand_ins.twilio.messages["SM1"] = {"to": NUMBER, "from": "+15005550006"}
    form, headers = outside.stand_ins.twilio.status_callback(url + path, "SM1", status, error)
    return Client().post(path, urlencode(form), content_type=FORM, headers=headers).status_code


def said(outside: Outside, url: str, text: str, *, opt_out: str = "", number: str = NUMBER) -> HttpResponse:
    form, headers = outside.stand_ins.twilio.inbound(url + INBOUND, sender=number, text=text, opt_out=opt_out)
    return Client().post(INBOUND, urlencode(form), content_type=FORM, headers=headers)  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("STOP", Word.STOP), (" stop. ", Word.STOP), ("Unsubscribe", Word.STOP), ("START", Word.START), ("yes", Word.START),
        ("help", Word.HELP), ("Please do not stop", Word.OTHER), ("", Word.OTHER), ("stop it", Word.OTHER),
    ],
)  # fmt: skip
def test_one_word_is_meant_and_a_sentence_is_not(text: str, word: Word) -> None:
    assert word_in(text) is word


def test_stop_ends_it_for_every_entry_of_that_number_and_start_takes_it_back(outside: Outside, settings: Settings) -> None:
    reader()
    reader(name="The same telephone")
    reader("+4915187654321")
    answer = said(outside, settings.CONSOLE_URL, "Stop")
    assert (answer.status_code, answer.content.decode()) == (200, '<?xml version="1.0" encoding="UTF-8"?><Response />')
    assert list(ContactPoint.objects.values_list("suppression_kind", flat=True)) == ["stop", "stop", ""]
    said(outside, settings.CONSOLE_URL, "START")
    assert not ContactPoint.objects.exclude(suppressed_at=None).exists()


def test_the_word_that_twilio_itself_saw_counts(outside: Outside, settings: Settings) -> None:
    reader()
    said(outside, settings.CONSOLE_URL, "genug jetzt", opt_out="STOP")
    assert ContactPoint.objects.get().suppression_kind == "stop"


def test_start_brings_back_no_number_that_we_stopped(cast: Cast, outside: Outside, settings: Settings) -> None:
    suppress_contact_point(actor=system("test"), now=NOW, contact_point=reader(), reason="wrong number")
    said(outside, settings.CONSOLE_URL, "START")
    assert ContactPoint.objects.get().suppression_reason == "wrong number"


def test_help_is_answered_once_by_us_or_by_twilio(outside: Outside, settings: Settings) -> None:
    assert "Reply STOP to end" in said(outside, settings.CONSOLE_URL, "HELP").content.decode()
    assert "STOP" not in said(outside, settings.CONSOLE_URL, "HELP", opt_out="HELP").content.decode()


def test_a_replayed_stop_does_not_undo_a_later_start(outside: Outside, settings: Settings) -> None:
    reader()
    url = settings.CONSOLE_URL + INBOUND
    form, headers = outside.stand_ins.twilio.inbound(url, sender=NUMBER, text="STOP")
    client = Client()
    client.post(INBOUND, urlencode(form), content_type=FORM, headers=headers)
    said(outside, settings.CONSOLE_URL, "START")
    client.post(INBOUND, urlencode(form), content_type=FORM, headers=headers)
    assert ContactPoint.objects.get().suppressed_at is None


@pytest.mark.parametrize("path", [STATUS, INBOUND])
def test_only_twilio_is_believed(outside: Outside, settings: Settings, path: str) -> None:
    reader()
    form, headers = outside.stand_ins.twilio.inbound("https://elsewhere.example" + path, sender=NUMBER, text="STOP")
    assert Client().post(path, urlencode(form), content_type=FORM, headers=headers).status_code == 401
    assert Client().post(path, urlencode(form), content_type=FORM).status_code == 401
    _, headers = outside.stand_ins.twilio.inbound(settings.CONSOLE_URL + path, sender=NUMBER, text="STOP")
    changed = urlencode(form | {"From": "+4915100000000"})
    assert Client().post(path, changed, content_type=FORM, headers=headers).status_code == 401
    settings.TWILIO_AUTH_TOKEN = ""
    form, headers = outside.stand_ins.twilio.inbound(settings.CONSOLE_URL + path, sender=NUMBER, text="STOP")
    assert Client().post(path, urlencode(form), content_type=FORM, headers=headers).status_code == 401
    assert ContactPoint.objects.get().suppressed_at is None


def test_the_number_stays_out_of_the_log_of_record(outside: Outside, settings: Settings) -> None:
    reader()
    said(outside, settings.CONSOLE_URL, "STOP")
    assert NUMBER not in str([entry.body for entry in entries()])


@pytest.mark.parametrize(
    ("status", "error", "stands", "suppressed", "soft"),
    [
        ("sending", "", "accepted", "", 0),
        ("delivered", "", "delivered", "", 0),
        ("undelivered", "30003", "undelivered", "", 1),
        ("undelivered", "30005", "bounced", "bounce", 0),
        ("failed", "30006", "bounced", "bounce", 0),
        ("undelivered", "30007", "undelivered", "", 0),
        ("undelivered", "30034", "undelivered", "", 0),
    ],
)
def test_what_twilio_tells_moves_the_delivery(
    outside: Outside, settings: Settings, taken: Taken, status: str, error: str, stands: str, suppressed: str, soft: int
) -> None:
    for _ in range(2):
        assert told(outside, settings.CONSOLE_URL, taken.key, status, error) == 204
    address = ContactPoint.objects.get()
    assert Delivery.objects.values_list("state", flat=True).get() == stands
    assert (address.suppression_kind, address.soft_bounces) == (suppressed, soft)


def test_news_out_of_order_or_of_nothing_does_no_harm(outside: Outside, settings: Settings, taken: Taken) -> None:
    told(outside, settings.CONSOLE_URL, taken.key, "delivered")
    for status in ("sent", "queued", "read", "something new"):
        assert told(outside, settings.CONSOLE_URL, taken.key, status) == 204
    assert told(outside, settings.CONSOLE_URL, "no-key", "delivered") == 204
    assert told(outside, settings.CONSOLE_URL, "00000000-0000-4000-8000-000000000000", "failed") == 204
    assert Delivery.objects.values_list("state", flat=True).get() == "delivered"
