"""A worker that was stopped for longer than its lease: what it held may be another's by then, or nobody's, and none of it leaves."""

import time
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from core.database_clock import database_now
from notifications.models import Delivery, DeliveryRun, Message
from notifications.rules.states import Ended
from notifications.services import rows, sweep
from notifications.services.end_message import end_message
from notifications.services.send import EVERY_LANE, _send_all, _send_window
from notifications.services.window import Messages, open_window
from notifications.transports.contract import Answer, Letter
from notifications.transports.http import HttpTransport
from notifications.transports.sendgrid import SendGridTransport
from notifications.transports.smtp import SmtpTransport
from notifications.transports.smtp_line import SmtpLine
from notifications.transports.smtp_pipe import Mail
from notifications.transports.webhooks import WebhookTransport
from tests.notifications.test_providers import Scripted
from tests.support.cast import NOW, Cast
from tests.support.channels import letter, message
from tests.support.fakes import Outside
from tests.support.releases import released, subscribers
from tests.support.sinks import Sink

pytestmark = pytest.mark.django_db
LEASE = timedelta(seconds=10)
PAST = 0.0


@pytest.fixture(autouse=True)
def no_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the release's own letters are looked at here."""
    monkeypatch.setattr("notifications.services.plan_notice.insert_deliveries", lambda *args, **kwargs: 0)


@pytest.fixture
def webhooks(outside: Outside) -> Iterator[WebhookTransport]:
    transport = WebhookTransport()
    yield transport
    transport.close()


@pytest.fixture
def sendgrid(outside: Outside) -> Iterator[SendGridTransport]:
    transport = SendGridTransport()
    yield transport
    transport.close()


def claimed(cast: Cast, count: int = 3) -> tuple[list[rows.Run], Messages]:
    subscribers(*(f"reader{n}@example.com" for n in range(count)))
    message = Message.objects.get(release=released(cast))
    return rows.claim("email", EVERY_LANE, count, LEASE), Messages({message.pk: message})


def outcomes(answers: Sequence[Answer]) -> list[str]:
    return [answer.outcome.value for answer in answers]


def states() -> list[str]:
    return list(Delivery.objects.order_by("id").values_list("state", flat=True))


def test_a_worker_that_wakes_after_its_window_was_superseded_sends_none_of_it(cast: Cast, sink: Sink) -> None:
    runs, messages = claimed(cast)
    parcels, _ = open_window(runs, messages, limit=10, lease=LEASE, provider="smtp")
    DeliveryRun.objects.update(lease_until=Now())
    sweep(now=NOW)
    end_message(Message.objects.get(kind="release"), as_=Ended.SUPERSEDED, reason="a newer update was released")
    assert states() == ["superseded"] * 3
    transport = SmtpTransport()
    transport.ready()
    sent = _send_window(transport, parcels, PAST, database_now)
    transport.close()
    assert (outcomes(sent.answers), sink.letters) == (["not_sent"] * 3, [])


def test_the_transport_is_told_until_when_its_letters_are_ours(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three requests' time from before the lease was taken, less the two that what was begun may need."""
    runs, messages = claimed(cast, count=1)
    told: list[float] = []
    transport = Scripted("smtp")
    original = Scripted.send

    def noting(self: Scripted, letters: Sequence[Letter], until: float) -> Iterator[Answer]:
        told.append(until)
        yield from original(self, letters, until)

    monkeypatch.setattr(Scripted, "send", noting)
    before = time.monotonic()
    _send_all(transport, runs, messages, database_now, 10, lanes=EVERY_LANE)
    assert len(told) == 1
    assert before <= told[0] - transport.request_timeout <= time.monotonic()


def test_no_webhook_leaves_after_the_time_is_up(outside: Outside, webhooks: WebhookTransport) -> None:
    letters = [letter(f"{outside.base}/hook/customer{n}") for n in range(HttpTransport.window)]
    assert outcomes(list(webhooks.send(letters, PAST))) == ["not_sent"] * len(letters)
    assert outside.requests("webhook") == 0


def test_no_call_to_sendgrid_begins_after_the_time_is_up(outside: Outside, sendgrid: SendGridTransport) -> None:
    letters = [letter("a@example.com"), letter("b@example.com", message(number=2))]
    assert outcomes(list(sendgrid.send(letters, PAST))) == ["not_sent"] * 2
    assert outside.requests("sendgrid") == 0


def test_what_sendgrid_has_not_been_asked_when_the_time_is_up_is_not_sent(
    outside: Outside, sendgrid: SendGridTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two wordings are two calls; the worker sleeps in the first."""
    real = sendgrid._call
    until = time.monotonic() + 0.5

    def sleepy(letters: Sequence[Letter]) -> object:
        answer = real(letters)
        time.sleep(0.6)
        return answer

    monkeypatch.setattr(sendgrid, "_call", sleepy)
    letters = [letter("a@example.com"), letter("b@example.com", message(number=2))]
    assert outcomes(list(sendgrid.send(letters, until))) == ["accepted", "not_sent"]
    assert outside.requests("sendgrid") == 1


@pytest.mark.parametrize("in_groups", [True, False])
def test_no_letter_by_smtp_begins_after_the_time_is_up(sink: Sink, in_groups: bool) -> None:
    sink.pipelining = in_groups
    transport = SmtpTransport()
    transport.ready()
    assert outcomes(list(transport.send([letter("a@example.com"), letter("b@example.com")], PAST))) == ["not_sent"] * 2
    transport.close()
    assert sink.letters == []


@pytest.mark.parametrize("in_groups", [True, False])
def test_a_server_that_takes_too_long_over_the_envelope_is_not_handed_the_letter(sink: Sink, in_groups: bool) -> None:
    sink.pipelining = in_groups
    line = SmtpLine(host="127.0.0.1", port=sink.port, user="", password="", starttls=False, timeout=2)
    line.ready()
    if in_groups:
        mails = iter([Mail("a@example.com", b"Subject: x\r\n\r\n"), Mail("b@example.com", b"Subject: x\r\n\r\n")])
        answers = list(line.stream(sender="s@example.com", mails=mails, late=PAST))
    else:
        answers = [line.send(sender="s@example.com", recipient="a@example.com", data=b"Subject: x\r\n\r\n", late=PAST)]
    line.close()
    assert outcomes(answers) == ["transient", "not_sent"][: len(answers)]
    assert sink.letters == []
