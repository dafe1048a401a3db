"""A release under way by API: what it tells, what it lists, the acts of its page, and who may not."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actors import system
from accounts.rules.scopes import Scope
from accounts.services.tokens import create_token
from approvals.models import Release
from audit.models import Entry
from core.clock import utc_now
from incidents.models import Incident
from notifications.models import Delivery, DeliveryRun, Message
from notifications.services import claim_and_send
from notifications.services.fall_back import fall_back_for
from tests.support.cast import NOW, Cast
from tests.support.releases import released, subscribers
from tests.support.sinks import Sink

pytestmark = pytest.mark.django_db
ADDRESSES = ("anna@example.com", "bo@example.com", "cy@example.com")
ACTS = ("pause", "resume", "cancel", "send-again", "try-now")
SPAM = "554 refused as spam"


@pytest.fixture(autouse=True)
def no_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the releases' own letters are sent here."""
    monkeypatch.setattr("notifications.services.plan_notice.insert_deliveries", lambda *args, **kwargs: 0)


@pytest.fixture
def done(cast: Cast) -> Release:
    subscribers(*ADDRESSES)
    return released(cast)


def at(done: Release, name: str) -> str:
    return f"/api/v1/releases/{done.public_id}/{name}/"


def told(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()


def post(client: Client, done: Release, name: str, **body: Any) -> Any:
    return client.post(at(done, name), body, content_type="application/json")


def stand(done: Release, state: str, reason: str, *addresses: str) -> None:
    """As if these had been tried and had come to this."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_delivery d SET state = %s, reason = %s, attempt_count = 2, tries = 2,"
            " closed_at = CASE WHEN %s = 'retry_wait' THEN NULL ELSE clock_timestamp() END FROM stakeholders_contactpoint c"
            " WHERE c.id = d.contact_point_id AND d.message_id = %s AND c.address = ANY(%s)",
            [state, reason, state, done.message.pk, list(addresses)],
        )


def stepped_down(client: Client) -> Client:
    """Signed in long ago."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0.0, "username": "commander"}]
    session.save()
    return client


def test_progress_tells_each_share_and_the_causes(cast: Cast, done: Release, sink: Sink) -> None:
    sink.bad = {"cy@example.com"}
    reader = cast.client("techlead")
    before = told(reader.get(at(done, "progress")))
    assert (before["planned"], before["planned_whole"], before["done"], before["states"]) == (3, True, False, {"planned": 3})
    assert before["shares"] == [
        {"channel": "email", "provider": "", "states": {"planned": 3}, "open": 3, "per_second": 0.0, "seconds_left": None}
    ]
    claim_and_send(now_fn=lambda: NOW, limit=10)
    fall_back_for(1, now=NOW)
    after = told(reader.get(at(done, "progress")))
    assert (after["release"], after["incident"], after["done"]) == (done.public_id, done.update_of.incident.public_id, True)
    (share,) = after["shares"]
    assert (share["provider"], share["states"], share["open"], share["seconds_left"]) == ("smtp", {"accepted": 2, "bounced": 1}, 0, None)
    assert share["per_second"] > 0
    assert after["causes"] == [{"channel": "email", "state": "bounced", "cause": "5.1.1 [address] does not exist", "count": 1}]


def test_what_has_not_changed_is_not_sent_again_and_no_delivery_is_read(cast: Cast, done: Release) -> None:
    reader = cast.client("techlead")
    first = reader.get(at(done, "progress"))
    with CaptureQueriesContext(connection) as asked:
        again = reader.get(at(done, "progress"), headers={"If-None-Match": f'"other", {first["ETag"]}'})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert not [query for query in asked if '"notifications_delivery"' in query["sql"]]
    told(post(cast.client("commander"), done, "pause"))
    changed = reader.get(at(done, "progress"), headers={"If-None-Match": first["ETag"]})
    assert (told(changed)["paused_by"], changed["ETag"] == first["ETag"]) == ("commander", False)


def test_deliveries_are_listed_page_by_page_with_shortened_addresses(cast: Cast, done: Release) -> None:
    reader, pages = cast.client("commander"), 0
    found: list[dict[str, Any]] = []
    address: str | None = at(done, "deliveries") + "?page_size=2"
    while address:
        page = told(reader.get(address))
        found, pages, address = found + page["results"], pages + 1, page["next"]
    assert pages == 2
    assert [row["address"] for row in found] == ["a…@example.com", "b…@example.com", "c…@example.com"]
    assert [row["key"] for row in found] == [str(key) for key in done.message.deliveries.order_by("pk").values_list("key", flat=True)]
    assert {(row["state"], row["channel"], row["audience"], row["attempts"]) for row in found} == {("planned", "email", "customers", 0)}


def test_deliveries_are_found_by_state_channel_and_cause(cast: Cast, done: Release) -> None:
    stand(done, "dead", SPAM, "anna@example.com")
    stand(done, "dead", "550 5.7.1 from 10.1.2.3", "bo@example.com")
    stand(done, "retry_wait", "451 later, queue A1B2C3D4", "cy@example.com")
    reader = cast.client("commander")

    def addresses(**asked: str) -> list[str]:
        return [row["address"][0] for row in told(reader.get(at(done, "deliveries"), asked))["results"]]

    assert addresses(state="dead") == ["a", "b"]
    assert addresses(state="retry_wait") == ["c"]
    assert (addresses(channel="email"), addresses(channel="sms")) == (["a", "b", "c"], [])
    causes = {cause["cause"] for cause in told(reader.get(at(done, "progress")))["causes"]}
    assert sorted("".join(addresses(reason=cause)) for cause in causes) == ["a", "b", "c"]
    assert addresses(state="dead", reason=SPAM) == ["a"]
    assert addresses(state="retry_wait", reason=SPAM) == []
    told(reader.get(at(done, "deliveries"), {"state": "lost"}), 400)
    told(reader.get(at(done, "deliveries"), {"reason": "a\x00b"}), 400)
    told(reader.get(at(done, "deliveries"), {"adress": "x"}), 400)


def test_pausing_and_resuming_answer_with_what_is_so_now(cast: Cast, done: Release) -> None:
    client = cast.client("commander")
    paused = told(post(client, done, "pause"))
    assert (paused["paused_by"], paused["states"]) == ("commander", {"planned": 3})
    assert told(post(client, done, "pause"), 409)["code"] == "paused_already"
    assert claim_and_send(now_fn=lambda: NOW, limit=10) == 0
    resumed = told(post(client, done, "resume"))
    assert (resumed["paused_at"], resumed["paused_by"]) == (None, None)
    assert told(post(client, done, "resume"), 409)["code"] == "not_paused"
    assert Entry.objects.filter(type__in=["message.paused", "message.unpaused"]).count() == 2


def test_cancelling_says_for_how_many_and_is_for_good(cast: Cast, done: Release) -> None:
    client = cast.client("commander")
    for body in ({}, {"reason": " "}, {"reason": "x" * 201}, {"reason": "x", "sure": True}):
        assert told(post(client, done, "cancel", **body), 400)["errors"]
    assert told(post(client, done, "cancel", reason="Wrong list.")) == {"accepted": 0, "stopped": 3, "in_flight": 0, "unplanned": 0}
    shown = told(client.get(at(done, "progress")))
    assert (shown["states"], shown["done"], shown["ended_as"], shown["ended_reason"], shown["ended_by"]) == (
        {"cancelled": 3},
        True,
        "cancelled",
        "Wrong list.",
        "commander",
    )
    for name in ("pause", "resume", "try-now"):
        assert told(post(client, done, name), 409)["code"] == "ended"


def test_the_same_key_cancels_once(cast: Cast, done: Release) -> None:
    client, body = cast.client("commander"), {"reason": "Wrong list."}
    first, again = (
        client.post(at(done, "cancel"), body, content_type="application/json", headers={"Idempotency-Key": "once"}) for _ in range(2)
    )
    assert (first.content, again.status_code, again.content) == (again.content, 200, first.content)
    assert Entry.objects.filter(type="message.cancelled").count() == 1


def test_what_failed_for_one_cause_is_sent_again_under_its_keys(cast: Cast, done: Release, sink: Sink) -> None:
    DeliveryRun.objects.filter(message=done.message).delete()
    stand(done, "dead", SPAM, "anna@example.com", "bo@example.com")
    stand(done, "dead", "550 5.7.1", "cy@example.com")
    client, cause = cast.client("commander"), {"state": "dead", "channel": "email", "cause": SPAM}
    assert told(post(client, done, "send-again", **cause)) == {"deliveries": 2}
    assert told(post(client, done, "send-again", **cause), 409)["code"] == "nothing_left"
    key = Delivery.objects.get(contact_point__address="cy@example.com").key
    assert told(post(client, done, "send-again", key=str(key))) == {"deliveries": 1}
    claim_and_send(now_fn=lambda: NOW, limit=10)
    assert sorted(sink.recipients()) == list(ADDRESSES)
    assert sink.letter_to("cy@example.com")["X-Delivery-Key"] == str(key)


def test_sending_again_names_one_delivery_or_one_cause(cast: Cast, done: Release) -> None:
    client, cause = cast.client("commander"), {"state": "dead", "channel": "email", "cause": SPAM}
    key = str(done.message.deliveries.first().key)  # type: ignore[union-attr]  # there are three
    for body in ({}, {"state": "dead"}, cause | {"state": "bounced"}, cause | {"key": key}, {"key": "no-key"}):
        assert told(post(client, done, "send-again", **body), 400)["errors"]
    assert told(post(client, done, "send-again", key=key), 400)["errors"], "what waits is not sent again"
    told(post(client, done, "send-again", key="00000000-0000-4000-8000-000000000000"), 404)


def test_what_waits_is_tried_now(cast: Cast, done: Release) -> None:
    stand(done, "retry_wait", "451 later", *ADDRESSES)
    DeliveryRun.objects.filter(message=done.message).update(due_at="2099-01-01T00:00:00Z")
    client = cast.client("commander")
    assert told(post(client, done, "try-now", channel="email"), 400)["errors"]
    assert told(post(client, done, "try-now", channel="email", cause="other"), 409)["code"] == "nothing_left"
    assert told(post(client, done, "try-now", channel="email", cause="451 later")) == {"deliveries": 3}
    assert told(post(client, done, "try-now"), 409)["code"] == "nothing_left"
    assert not DeliveryRun.objects.filter(message=done.message, due_at__year=2099).exists()


def test_who_may_not_govern_sees_and_does_nothing(cast: Cast, done: Release) -> None:
    techlead = cast.client("techlead")
    told(techlead.get(at(done, "progress")))
    bodies: dict[str, dict[str, Any]] = {
        "cancel": {"reason": "Wrong list."},
        "send-again": {"state": "dead", "channel": "email", "cause": SPAM},
    }
    for name in ACTS:
        assert told(post(techlead, done, name, **bodies.get(name, {})), 403)["code"] == "forbidden"
    old = stepped_down(cast.client("commander"))
    for name in ACTS:
        assert told(post(old, done, name, **bodies.get(name, {})), 403)["code"] == "step_up_required"
    sent = Message.objects.get(release=done)
    assert (sent.paused_at, sent.ended_as) == (None, "")


def test_a_token_reads_and_acts_never(cast: Cast, done: Release) -> None:
    _, text = create_token(
        actor=system("test"), now=utc_now(), user=cast.commander, name="t", scopes=(Scope.UPDATES_WRITE,), lifetime=timedelta(days=80)
    )
    bearer = Client(headers={"Authorization": f"Bearer {text}"})
    told(bearer.get(at(done, "progress")))
    told(bearer.get(at(done, "deliveries")))
    for name in ACTS:
        assert "token is not enough" in told(post(bearer, done, name), 403)["detail"]


def test_the_outsider_and_a_restricted_incident_are_answered_as_if_there_were_none(cast: Cast, done: Release) -> None:
    outsider, responder = cast.client("outsider"), cast.client("responder")
    missing = responder.get("/api/v1/releases/000000000000/progress/")
    Incident.objects.update(restricted=True)
    for client in (outsider, responder):
        hidden = [client.get(at(done, name)) for name in ("progress", "deliveries")] + [post(client, done, name) for name in ACTS]
        assert {(answer.status_code, answer.content) for answer in hidden} == {(404, missing.content)}
    assert Client().get(at(done, "progress")).status_code == 401


def test_the_list_takes_the_permission_to_read_the_register(cast: Cast, done: Release) -> None:
    refusal = told(cast.client("responder").get(at(done, "deliveries")), 403)
    assert "register" in refusal["detail"]
