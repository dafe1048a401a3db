"""A newer update takes the older one's place for whoever has not got it yet; the order is never inverted; quiet hours are kept."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from approvals.models import Release
from incidents.models import Incident
from notifications.models import Delivery, DeliveryRun, Message
from notifications.services import claim_and_send, rows, sweep
from notifications.services.send import EVERY_LANE
from notifications.services.window import Messages, Parcel, open_window
from stakeholders.models import Stakeholder
from tests.approvals.acts import approve, ask, release
from tests.support.cast import NOW, Cast
from tests.support.factories import make_update
from tests.support.releases import released, subscribers
from tests.support.sinks import Sink

LEASE = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def no_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.services.plan_notice.insert_deliveries", lambda *args, **kwargs: 0)


def next_update(cast: Cast, incident: Incident) -> Release:
    update = make_update(incident=incident, actor=cast.actor("commander"))
    ask(cast, update)
    approve(cast, update)
    return release(cast, update)


def states(done: Release) -> dict[str, str]:
    return dict(Delivery.objects.filter(message__release=done).values_list("contact_point__address", "state"))


def opened(limit: int) -> tuple[list[rows.Run], list[Parcel]]:
    runs = rows.claim("email", EVERY_LANE, limit, LEASE)
    messages = Messages(Message.objects.in_bulk({run.message for run in runs}))
    return runs, open_window(runs, messages, limit=limit, lease=LEASE, provider="smtp")[0]


def send() -> None:
    while claim_and_send():
        pass


@pytest.mark.django_db
def test_who_has_not_got_the_older_update_gets_the_newer_one_alone(cast: Cast, sink: Sink) -> None:
    subscribers("a@example.com", "b@example.com", "c@example.com")
    first = released(cast)
    claim_and_send(limit=1)
    second = next_update(cast, first.update_of.incident)
    send()
    assert sorted(states(first).values()) == ["accepted", "superseded", "superseded"]
    assert set(states(second).values()) == {"accepted"}
    assert len(sink.letters) == 4
    assert set(Delivery.objects.filter(state="superseded").values_list("reason", flat=True)) == {"a newer update was released"}


@pytest.mark.django_db
def test_an_older_update_is_sent_where_the_newer_one_has_nothing_for_the_address(cast: Cast, sink: Sink) -> None:
    subscribers("a@example.com", "b@example.com")
    first = released(cast)
    second = next_update(cast, first.update_of.incident)
    Delivery.objects.filter(message__release=second, contact_point__address="b@example.com").update(state="cancelled", closed_at=Now())
    send()
    assert states(first) == {"a@example.com": "superseded", "b@example.com": "accepted"}


@pytest.mark.django_db
def test_while_the_older_update_is_on_the_wire_the_newer_one_waits(cast: Cast, sink: Sink) -> None:
    subscribers("a@example.com")
    first = released(cast)
    runs, (older,) = opened(10)
    second = next_update(cast, first.update_of.incident)
    send()
    assert (states(first), states(second)) == ({"a@example.com": "sending"}, {"a@example.com": "planned"})
    assert DeliveryRun.objects.get(message__release=second).due_at > DeliveryRun.objects.get(pk=runs[0].id).due_at
    DeliveryRun.objects.update(due_at=Now())
    DeliveryRun.objects.filter(pk=runs[0].id).update(lease_until=Now())
    sweep(now=NOW)
    DeliveryRun.objects.update(due_at=Now())
    send()
    # Of the older one nobody knows whether it arrived; it is not sent after the newer one.
    assert (states(first), states(second)) == ({"a@example.com": "superseded"}, {"a@example.com": "accepted"})
    assert older.letter.address == "a@example.com"
    assert len(sink.letters) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("impact", "kind", "sent"), [("major", "customer", False), ("critical", "customer", True), ("major", "regulator", True)]
)
def test_quiet_hours_are_kept_but_for_the_first_lane_and_a_critical_impact(
    cast: Cast, sink: Sink, impact: str, kind: str, sent: bool
) -> None:
    subscribers("a@example.com", "b@example.com", kind=kind)
    asleep = Stakeholder.objects.get(contact_points__address="a@example.com")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE stakeholders_stakeholder SET time_zone = 'Asia/Tokyo',"
            " quiet_from = (now() AT TIME ZONE 'Asia/Tokyo')::time - interval '1 h',"
            " quiet_until = (now() AT TIME ZONE 'Asia/Tokyo')::time + interval '1 h' WHERE id = %s",
            [asleep.pk],
        )
    done = released(cast)
    if impact == "critical":
        message = Message.objects.get(release=done)
        message.facts["impact"] = impact
        message.save(update_fields=["facts"])
    send()
    assert states(done) == {"a@example.com": "accepted" if sent else "planned", "b@example.com": "accepted"}
    if sent:
        return
    run = DeliveryRun.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM due_at - now()) FROM notifications_deliveryrun WHERE id = %s", [run.pk])
        assert 3500 < float(cursor.fetchone()[0]) < 3700
    DeliveryRun.objects.update(due_at=Now())
    Stakeholder.objects.filter(pk=asleep.pk).update(quiet_from=None, quiet_until=None)
    send()
    assert set(states(done).values()) == {"accepted"}


def quiet_until(zone: str, begins: time, ends: time, at: datetime) -> datetime | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT notifications_quiet_until(%s, %s::time, %s::time, %s)", [zone, begins.isoformat(), ends.isoformat(), at])
        found: datetime | None = cursor.fetchone()[0]
        return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "begins", "ends", "at", "expected"),
    [
        ("Europe/Berlin", "22:00", "07:00", "2026-03-02T23:30+00:00", "2026-03-03T06:00+00:00"),
        ("Europe/Berlin", "22:00", "07:00", "2026-03-03T05:59+00:00", "2026-03-03T06:00+00:00"),
        ("Europe/Berlin", "22:00", "07:00", "2026-03-03T06:00+00:00", None),
        ("Europe/Berlin", "12:00", "14:00", "2026-03-02T12:30+00:00", "2026-03-02T13:00+00:00"),
        # The night in which clocks are put forward, and the one in which they are put back.
        ("Europe/Berlin", "22:00", "07:00", "2026-03-28T23:30+00:00", "2026-03-29T05:00+00:00"),
        ("Europe/Berlin", "22:00", "07:00", "2026-10-24T23:30+00:00", "2026-10-25T06:00+00:00"),
        ("No/Where", "22:00", "07:00", "2026-03-02T23:30+00:00", "2026-03-03T07:00+00:00"),
    ],
)
def test_quiet_hours_end_by_the_clock_of_their_zone(zone: str, begins: str, ends: str, at: str, expected: str | None) -> None:
    found = quiet_until(zone, time.fromisoformat(begins), time.fromisoformat(ends), datetime.fromisoformat(at))
    assert found == (datetime.fromisoformat(expected) if expected else None)


class TestQuiet(TestCase):
    """Whatever the hours, and whenever."""

    @given(st.times(), st.times(), st.integers(1_577_836_800, 1_893_456_000))
    @settings(max_examples=60)
    def test_whoever_is_told_to_wait_waits_until_the_hour_named_and_less_than_a_day(self, begins: time, ends: time, at: int) -> None:
        moment = datetime.fromtimestamp(at, UTC)
        until = quiet_until("UTC", begins, ends, moment)
        if until is not None:
            assert until.time() == ends
            assert timedelta(0) < until - moment <= timedelta(days=1)
