"""The pages on which channels are set up and tried."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from notifications.models import ChannelProof, ChannelProvider
from stakeholders.models import ContactPoint, Stakeholder
from tests.support.cast import NOW, Cast
from tests.support.channels import lead_to
from tests.support.fakes import Outside, providers

pytestmark = pytest.mark.django_db
TWILIO = "/console/channels/sms/twilio/"


@pytest.fixture
def outside(settings: Settings) -> Iterator[Outside]:
    with providers() as running:
        lead_to(running, settings)
        yield running


def test_every_provider_stands_there_with_what_it_lacks(cast: Cast, settings: Settings) -> None:
    settings.SENDGRID_API_KEY = ""
    page = cast.client("admin").get("/console/channels/").content.decode()
    for name in ("Mail server (SMTP)", "SendGrid", "Twilio", "Signed webhooks", "Incoming webhooks", "Workflows"):
        assert name in page
    assert "SENDGRID_API_KEY missing" in page
    assert "never tested" in page


def test_a_test_is_sent_and_its_proof_stands_on_the_page(cast: Cast, outside: Outside) -> None:
    client = cast.client("admin")
    answer = client.post(TWILIO, {"act": "test", "address": "+49 151 12345678"}, follow=True)
    page = answer.content.decode()
    assert "Twilio took the test to …78. Look whether it arrived." in page
    assert "Taken over by the provider" in page
    assert outside.taken("twilio")[0].to == "+4915112345678"
    assert "Taken over" in client.get("/console/channels/").content.decode()


def test_a_test_that_is_not_taken_says_so(cast: Cast, outside: Outside) -> None:
    outside.script("twilio", "401")
    page = cast.client("admin").post(TWILIO, {"act": "test", "address": "+49 151 12345678"}, follow=True).content.decode()
    assert "was not taken: Twilio answers" in page


def test_a_wrong_address_is_named_beside_its_field_and_kept(cast: Cast, outside: Outside) -> None:
    answer = cast.client("admin").post(TWILIO, {"act": "test", "address": "nobody"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Enter a telephone number with its country" in page
    assert 'value="nobody"' in page
    assert not ChannelProof.objects.exists()


def test_rate_and_switch_are_saved(cast: Cast, outside: Outside) -> None:
    form = {"act": "save", "enabled": "on", "rate_per_second": "12.5", "burst": "20", "version": "1"}
    assert cast.client("admin").post(TWILIO, form).status_code == 302
    row = ChannelProvider.objects.get(provider="twilio")
    assert (row.enabled, row.rate_per_second, row.burst) == (True, 12.5, 20)


def test_a_missing_secret_keeps_it_off_and_no_secret_is_ever_shown(cast: Cast, outside: Outside, settings: Settings) -> None:
    client = cast.client("admin")
    assert settings.TWILIO_AUTH_TOKEN not in client.get(TWILIO).content.decode()
    settings.TWILIO_FROM = ""
    answer = client.post(TWILIO, {"act": "save", "enabled": "on", "rate_per_second": "", "burst": "1", "version": "1"})
    assert answer.status_code == 422
    assert "Set TWILIO_FROM in the environment first" in answer.content.decode()


def test_the_second_provider_can_be_asked_first(cast: Cast) -> None:
    cast.client("admin").post("/console/channels/email/sendgrid/", {"act": "first"})
    assert ChannelProvider.objects.get(provider="sendgrid").position == 1


def test_auditors_read_and_others_find_nothing(cast: Cast, outside: Outside) -> None:
    page = cast.client("auditor").get(TWILIO).content.decode()
    assert "Administrators change this." in page
    assert "Send a test" not in page
    assert cast.client("auditor").post(TWILIO, {"act": "test", "address": "+49 151 12345678"}).status_code == 403
    for name in ("outsider", "commander"):
        client = cast.client(name)
        assert client.get("/console/channels/").status_code == 404
        assert client.post(TWILIO, {"act": "test", "address": "+49 151 12345678"}).status_code == 404
    assert cast.client("admin").get("/console/channels/email/twilio/").status_code == 404
    assert outside.requests("twilio") == 0


def test_an_endpoints_secret_is_shown_once_asked_for_and_exchanged(cast: Cast) -> None:
    person = Stakeholder.objects.create(kind="customer", name="Acme", created_at=NOW)
    point = ContactPoint.objects.create(stakeholder=person, kind="webhook", address="https://example.com/hook", created_at=NOW)
    client, address = cast.client("admin"), f"/console/webhook-secrets/{point.pk}/"
    assert "whsec_" not in client.get(address).content.decode()
    shown = client.post(address, {"act": "show"})
    assert "whsec_" in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert "Two in use" in client.post(address, {"act": "rotate"}, follow=True).content.decode()
    assert cast.client("comms").get(address).status_code == 404
