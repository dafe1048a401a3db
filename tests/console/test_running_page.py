"""A release's page: the one bar, the acts that say whom they touch, who did not get it, and a table of all."""

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import Release
from notifications.models import Delivery, DeliveryRun, Message
from notifications.services import claim_and_send
from stakeholders.models import Stakeholder
from tests.support.cast import NOW, Cast
from tests.support.releases import released, subscribers

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(cast: Cast) -> Release:
    subscribers("ann@example.com", "bo@example.com", "cy@example.com")
    return released(cast)


def at(name: str, done: Release) -> str:
    return reverse(f"console:release_{name}", args=[done.public_id])


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def refuse_all(done: Release, reason: str) -> None:
    DeliveryRun.objects.filter(message=done.message).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_delivery SET state = 'dead', reason = %s, closed_at = clock_timestamp() WHERE message_id = %s",
            [reason, done.message.pk],
        )


def test_the_buttons_say_how_many_addresses_they_touch(cast: Cast, done: Release) -> None:
    client = cast.client("commander")
    shown = text(client, at("progress", done))
    assert "Pause sending to 3 addresses" in shown
    assert "Cancel for 3 addresses" in shown
    assert client.post(at("pause", done)).status_code == 302
    paused = text(client, at("progress", done))
    assert "Paused by Commander" in paused
    assert "it goes on when somebody resumes it" in paused
    assert "Resume sending to 3 addresses" in paused
    client.post(at("resume", done))
    assert Message.objects.get(release=done).paused_at is None


def test_a_stop_by_the_rules_reads_otherwise_than_a_pause(cast: Cast, done: Release) -> None:
    Message.objects.filter(release=done).update(stopped_reason="Held back: counsel reads it.", stopped_at=NOW)
    shown = text(cast.client("commander"), at("progress", done))
    assert "Stopped by the rules:" in shown
    assert "It goes on by itself once the reason is gone." in shown
    assert "Paused by" not in shown


def test_cancelling_asks_why_and_says_for_how_many(cast: Cast, done: Release) -> None:
    client = cast.client("commander")
    assert "Cancel for 3 addresses, for good" in text(client, at("cancel", done))
    refused = client.post(at("cancel", done), {"reason": " "})
    assert refused.status_code == 422
    assert "Say why what was not sent yet never is." in refused.content.decode()
    answer = client.post(at("cancel", done), {"reason": "Wrong list."}, follow=True).content.decode()
    assert "Cancelled: 0 accepted, 3 stopped, none in flight." in answer
    assert "Cancelled for good" in answer
    assert "Wrong list." in answer


def test_what_was_cancelled_while_it_was_planned_is_not_called_settled(cast: Cast, done: Release) -> None:
    client = cast.client("commander")
    client.post(at("cancel", done), {"reason": "Wrong list."})
    Message.objects.filter(release=done).update(planned_at=None, unplanned=120_340)
    shown = text(client, at("progress", done))
    assert "Cancelled</h2>" in shown
    assert "Everything is settled</h2>" not in shown
    assert "About 120,340 more deliveries" in shown
    asked = text(client, at("cancel", done))
    assert "There is nothing left to cancel." in asked
    assert "will not get it" not in asked


def test_who_may_not_sees_no_button_and_is_refused(cast: Cast, done: Release) -> None:
    client = cast.client("techlead")
    shown = text(client, at("progress", done))
    assert "Pause sending" not in shown
    assert "Cancel for" not in shown
    assert [client.post(at(name, done)).status_code for name in ("pause", "resume", "again")] == [403, 403, 403]
    outsider = cast.client("outsider")
    for name in ("progress", "cancel", "recipients", "export", "progress_fragment"):
        assert outsider.get(at(name, done)).status_code == 404


def test_failures_stand_by_cause_with_one_act_and_shortened_addresses(cast: Cast, done: Release) -> None:
    refuse_all(done, "554 refused as spam")
    client = cast.client("commander")
    shown = text(client, at("progress", done))
    assert "Send again to 3" in shown
    who = client.get(at("recipients", done), {"channel": "email", "state": "dead", "cause": "554 refused as spam"}).content.decode()
    assert "a…@example.com" in who
    assert "ann@example.com" not in who
    answer = client.post(at("again", done), {"channel": "email", "state": "dead", "cause": "554 refused as spam"}, follow=True)
    assert "3 are sent again, under the same key." in answer.content.decode()
    assert set(Delivery.objects.filter(message=done.message).values_list("state", flat=True)) == {"queued"}


def test_the_fragment_is_not_sent_twice(cast: Cast, done: Release) -> None:
    client = cast.client("commander")
    first = client.get(at("progress_fragment", done))
    again = client.get(at("progress_fragment", done), headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    client.post(at("pause", done))
    changed = client.get(at("progress_fragment", done), headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_looking_reads_no_delivery(cast: Cast, done: Release) -> None:
    client = cast.client("commander")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(at("progress_fragment", done))
    read = [query["sql"] for query in asked if '"notifications_delivery"' in query["sql"]]
    assert read == []


def test_the_table_holds_every_delivery_and_no_formula(cast: Cast, done: Release) -> None:
    Stakeholder.objects.filter(contact_points__address="ann@example.com").update(name="=HYPERLINK(1)")
    claim_and_send(now_fn=lambda: NOW, limit=1)
    answer = cast.client("commander").get(at("export", done))
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]
    assert len(rows) == 3
    assert {row["key"] for row in rows} == {str(key) for key in Delivery.objects.filter(message=done.message).values_list("key", flat=True)}
    assert "'=HYPERLINK(1)" in {row["name"] for row in rows}
    assert {row["address"] for row in rows} == {"a…@example.com", "b…@example.com", "c…@example.com"}
