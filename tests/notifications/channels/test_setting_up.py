"""Setting up providers, sending a test by one, and the secrets of endpoints: services and what the database holds."""

from datetime import datetime, timedelta
from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from pytest_django import Settings

from accounts.rules.scopes import Scope
from audit.queries import entries
from core.errors import Forbidden, InvalidInput, NotFound, StaleRevision
from notifications.models import ChannelProof, ChannelProvider
from notifications.rules.masked import masked
from notifications.services.channels import ask_first, set_up_provider
from notifications.services.prove_channel import prove_channel
from notifications.services.webhook_keys import rotate_secret, show_secret
from notifications.transports.registry import TRANSPORTS
from stakeholders.models import ContactPoint, Stakeholder
from stakeholders.rules.kinds import SuppressionKind
from stakeholders.services import stop_address
from tests.support.cast import NOW, Cast
from tests.support.fakes import Outside

pytestmark = pytest.mark.django_db


def save(
    cast: Cast, who: str = "admin", *, enabled: bool = True, rate: float | None = 10.0, burst: int = 5, version: int = 1
) -> ChannelProvider:
    return set_up_provider(
        actor=cast.actor(who),
        now=NOW,
        channel="sms",
        provider="twilio",
        enabled=enabled,
        rate_per_second=rate,
        burst=burst,
        expected_version=version,
    )


def test_the_shipped_rows_are_the_transports_there_are() -> None:
    assert set(ChannelProvider.objects.values_list("channel", "provider")) == set(TRANSPORTS)


def test_an_administrator_sets_a_provider_up_and_it_is_on_record(cast: Cast, outside: Outside) -> None:
    row = save(cast)
    assert (row.enabled, row.rate_per_second, row.burst, row.version) == (True, 10.0, 5, 2)
    assert entries().latest("index").type == "channel.set_up"
    count = entries().count()
    assert save(cast, version=2).version == 2
    assert entries().count() == count


@pytest.mark.parametrize("who", ["outsider", "commander", "auditor", "comms"])
def test_nobody_else_does(cast: Cast, outside: Outside, who: str) -> None:
    with pytest.raises(Forbidden):
        save(cast, who)
    with pytest.raises(Forbidden):
        ask_first(actor=cast.actor(who), now=NOW, channel="email", provider="sendgrid")
    with pytest.raises(Forbidden):
        prove_channel(actor=cast.actor(who), now=NOW, channel="sms", provider="twilio", address="+4915112345678")


def test_a_token_sends_no_test(cast: Cast, outside: Outside) -> None:
    with pytest.raises(Forbidden):
        prove_channel(actor=cast.program("admin", Scope.READ), now=NOW, channel="sms", provider="twilio", address="+4915112345678")


@pytest.mark.parametrize(
    ("rate", "burst", "field"), [(0.0, 1, "rate_per_second"), (-1.0, 1, "rate_per_second"), (2e6, 1, "rate_per_second"), (1.0, 0, "burst")]
)
def test_a_rate_that_lets_nothing_through_is_refused(cast: Cast, outside: Outside, rate: float, burst: int, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        save(cast, rate=rate, burst=burst)
    assert list(refused.value.fields) == [field]


def test_a_provider_without_its_secrets_is_not_switched_on(cast: Cast, settings: Settings) -> None:
    settings.TWILIO_AUTH_TOKEN = ""
    with pytest.raises(InvalidInput) as refused:
        save(cast)
    assert "TWILIO_AUTH_TOKEN" in refused.value.fields["enabled"][0]
    save(cast, enabled=False)


def test_who_changed_an_older_state_is_told(cast: Cast, outside: Outside) -> None:
    save(cast)
    with pytest.raises(StaleRevision):
        save(cast, rate=20.0)


def test_the_chosen_one_comes_first_and_the_others_keep_their_order(cast: Cast) -> None:
    ask_first(actor=cast.actor("admin"), now=NOW, channel="email", provider="sendgrid")
    order = ChannelProvider.objects.filter(channel="email").order_by("position").values_list("provider", flat=True)
    assert list(order) == ["sendgrid", "smtp"]
    with pytest.raises(NotFound):
        ask_first(actor=cast.actor("admin"), now=NOW, channel="email", provider="twilio")


@pytest.mark.parametrize(
    ("channel", "provider", "address", "taken_by"),
    [
        ("email", "sendgrid", "anna@example.com", "sendgrid"),
        ("sms", "twilio", "+49 151 12345678", "twilio"),
        ("webhook", "standard", "{base}/hook/acme", "webhook"),
        ("slack", "incoming", "{base}/services/T0/B0/x", "slack"),
        ("teams", "workflows", "{base}/workflows/f/triggers/manual/paths/invoke?sig=x", "teams"),
    ],
)
def test_a_test_goes_to_one_address_and_what_came_of_it_is_kept(
    cast: Cast, outside: Outside, channel: str, provider: str, address: str, taken_by: str
) -> None:
    proof = prove_channel(actor=cast.actor("admin"), now=NOW, channel=channel, provider=provider, address=address.format(base=outside.base))
    taken = outside.taken(taken_by)
    assert (proof.outcome, len(taken)) == ("accepted", 1)
    assert "Test message" in taken[0].title + taken[0].text
    assert [entry.type for entry in entries().order_by("index")][-2:] == ["channel.tested", "channel.test_ended"]
    assert "anna@" not in str([entry.body for entry in entries()])
    assert "12345678" not in str([entry.body for entry in entries()])


def test_a_test_that_fails_says_why(cast: Cast, outside: Outside, settings: Settings) -> None:
    outside.script("sendgrid", "401")
    proof = prove_channel(actor=cast.actor("admin"), now=NOW, channel="email", provider="sendgrid", address="a@example.com")
    assert (proof.outcome, proof.code, proof.detail) == ("configuration", 401, "SendGrid answers 401")
    settings.SENDGRID_API_KEY = ""
    proof = prove_channel(actor=cast.actor("admin"), now=NOW, channel="email", provider="sendgrid", address="a@example.com")
    assert proof.detail == "SENDGRID_API_KEY must be set"


def test_an_address_of_another_shape_is_refused_before_anything_is_sent(cast: Cast, outside: Outside) -> None:
    with pytest.raises(InvalidInput) as refused:
        prove_channel(actor=cast.actor("admin"), now=NOW, channel="sms", provider="twilio", address="anna@example.com")
    assert list(refused.value.fields) == ["address"]
    assert not ChannelProof.objects.exists()


@pytest.mark.parametrize("because", [SuppressionKind.STOP, SuppressionKind.COMPLAINT])
def test_no_test_goes_to_an_address_whose_reader_asked_for_no_more(cast: Cast, outside: Outside, because: SuppressionKind) -> None:
    reason = "said so"
    stop_address(actor=cast.system(), now=NOW, kind="email", address="anna@example.com", because=because, reason=reason)
    with pytest.raises(InvalidInput, match="asked for no more") as refused:
        prove_channel(actor=cast.actor("admin"), now=NOW, channel="email", provider="sendgrid", address="Anna@example.com")
    assert list(refused.value.fields) == ["address"]
    assert not ChannelProof.objects.exists()
    assert not outside.taken("sendgrid")


def test_tests_are_few_to_one_address_and_by_one_person(cast: Cast, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    def tried(by: str, address: str, at: datetime = NOW) -> None:
        prove_channel(actor=cast.actor(by), now=at, channel="email", provider="sendgrid", address=address)

    module = import_module("notifications.services.prove_channel")
    monkeypatch.setattr(module, "MOST_TO_ONE", 2)
    monkeypatch.setattr(module, "MOST_BY_ONE", 3)
    tried("admin", "anna@example.com")
    tried("admin", "ANNA@example.com")
    with pytest.raises(InvalidInput, match="2 tests went to this address"):
        tried("admin", "anna@example.com")
    tried("admin", "bo@example.com")
    with pytest.raises(InvalidInput, match="You sent 3 tests"):
        tried("admin", "cy@example.com")
    assert len(outside.taken("sendgrid")) == 3
    tried("admin", "anna@example.com", NOW + timedelta(days=1))
    assert "anna" not in str(list(ChannelProof.objects.values_list())).lower()


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("anna@example.com", "a…@example.com"),
        ("+4915112345678", "…78"),
        ("https://hooks.slack.com/services/T0/B0/secret", "hooks.slack.com/…cret"),
        (f"https://{'h' * 60}.{'h' * 60}.example.com/secret", f"{'h' * 60}.{'h' * 13}/…cret"),
        ("112", "…"),
    ],
)
def test_enough_is_shown_to_know_which_is_meant(address: str, shown: str) -> None:
    assert masked(address) == shown


def endpoint() -> ContactPoint:
    person = Stakeholder.objects.create(kind="customer", name="Acme", created_at=NOW)
    return ContactPoint.objects.create(stakeholder=person, kind="webhook", address="https://example.com/hook", created_at=NOW)


def test_a_secret_is_shown_to_administrators_on_record_and_exchanged(cast: Cast) -> None:
    point, admin = endpoint(), cast.actor("admin")
    first = show_secret(actor=admin, now=NOW, contact_point=point.pk)
    assert first.startswith("whsec_")
    assert rotate_secret(actor=admin, now=NOW, contact_point=point.pk).previous_until == NOW + timedelta(hours=24)
    assert show_secret(actor=admin, now=NOW, contact_point=point.pk) != first
    assert first not in str([entry.body for entry in entries()])
    for who in ("outsider", "comms"):
        with pytest.raises(Forbidden):
            show_secret(actor=cast.actor(who), now=NOW, contact_point=point.pk)


def test_the_api_tells_how_channels_are_set_up_and_no_secret(cast: Cast, outside: Outside, settings: Settings) -> None:
    prove_channel(actor=cast.actor("admin"), now=NOW, channel="sms", provider="twilio", address="+4915112345678")
    client = Client()
    client.force_login(cast.auditor, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get("/api/v1/channels/")
    rows = {row["provider"]: row for row in answer.json()["results"]}
    assert rows["twilio"]["last_proof"]["to"] == "…78"
    assert rows["smtp"]["enabled"] is True
    assert settings.TWILIO_AUTH_TOKEN not in answer.content.decode()
    client.force_login(cast.outsider, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/v1/channels/").status_code == 403


_PROVIDER = "INSERT INTO notifications_channelprovider (channel, provider, position, enabled, burst, options, version) VALUES"
_PROOF = (
    'INSERT INTO notifications_channelproof (provider_id, by_id, "to", at, outcome, code, detail, ended_at)'
    " SELECT p.id, u.id, 'x', now(), '{}', 0, '', {} FROM notifications_channelprovider p, accounts_user u LIMIT 1"
)
_FOLLOWED = (
    'INSERT INTO notifications_channelproof (provider_id, by_id, "to", at, outcome, code, detail, later, later_at)'
    " SELECT p.id, u.id, 'x', now(), '', 0, '', '{}', {} FROM notifications_channelprovider p, accounts_user u LIMIT 1"
)
_EVENT = "INSERT INTO notifications_providerevent (provider, event, received_at) VALUES ('x', 'y', now()), ('x', 'y', now())"
_ROW = "UPDATE notifications_channelprovider SET"


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (f"{_PROVIDER} ('email', 'smtp', 9, true, 1, '{{}}', 1)", "notifications_provider_once"),
        (f"{_ROW} rate_per_second = 0 WHERE provider = 'smtp'", "notifications_provider_rate_positive"),
        (f"{_ROW} burst = 0 WHERE provider = 'smtp'", "notifications_provider_burst_positive"),
        (f"SET CONSTRAINTS ALL IMMEDIATE; {_ROW} position = 1 WHERE channel = 'email'", "notifications_provider_position_once"),
        (_PROOF.format("perhaps", "now()"), "notifications_proof_outcome_known"),
        (_PROOF.format("accepted", "NULL"), "notifications_proof_ended_whole"),
        (_FOLLOWED.format("bounced", "NULL"), "notifications_proof_later_whole"),
        (_FOLLOWED.format("", "'2026-03-02T14:00Z'"), "notifications_proof_later_whole"),
        (_FOLLOWED.format("queued", "'2026-03-02T14:00Z'"), "notifications_proof_later_whole"),
        (_EVENT, "notifications_provider_event_once"),
        ("INSERT INTO notifications_webhookkey (address, generation) VALUES ('https://x', 0)", "notifications_webhook_generation"),
    ],
)
def test_the_database_holds_it_too(cast: Cast, statement: str, name: str) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert getattr(caught.value.__cause__, "diag", None).constraint_name == name  # type: ignore[union-attr]
