"""Whoever a channel does not reach, or not in time, is told by the next one of their route: once, and only while that may be."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from incidents.rules.content_edit import ContentEdit
from notifications.models import Delivery, DeliveryFailure, DeliveryRun, FallbackStep, Message
from notifications.queries.counts import counters_that_differ
from notifications.queries.fallback import FallbackCount, fallback_count
from notifications.queries.live import live
from notifications.rules.following import Followed
from notifications.rules.states import Ended
from notifications.services import fall_back, rows
from notifications.services.end_message import end_message
from notifications.services.fall_back import fall_back_for, wait_anew
from notifications.services.settle import settle as settle_now
from notifications.services.window import Messages, open_window
from stakeholders.models import Audience, AudienceMember, OptOut, Stakeholder
from tests.faults.test_failpoints import die_at
from tests.notifications.test_routing import ALL, put, release_to, sms_carried
from tests.support.cast import NOW, Cast
from tests.support.factories import make_update
from tests.support.killed_at import FALLING_BACK
from tests.support.races import at_once
from tests.support.releases import let_go, reviewed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sms(db: None) -> None:
    sms_carried()


def out(cast: Cast) -> Message:
    """A critical update: e-mail first, text messages after ten minutes, then chats."""
    release_to(cast, channels=ALL)
    return Message.objects.get(kind="release")


def fails(name: str, state: str = "dead", reason: str = "554 refused", channel: str = "email") -> None:
    """What a worker writes down of the delivery to this person."""
    found = Delivery.objects.filter(purpose="release", contact_point__stakeholder__name=name, channel=channel, closed_at__isnull=True)
    runs = set(found.values_list("run_id", flat=True))
    assert found.update(state=state, reason=reason, closed_at=Now())
    for run in runs:
        if not Delivery.objects.filter(run_id=run, closed_at__isnull=True).exists():
            DeliveryRun.objects.filter(pk=run).delete()


def late() -> None:
    """The time of every channel is over."""
    FallbackStep.objects.update(due_at=Now() - timedelta(seconds=1))


def fall() -> int:
    return fall_back_for(20, now=NOW)


def told() -> dict[str, list[str]]:
    """Channels by person, in the order in which they were planned."""
    found: dict[str, list[str]] = {}
    rows = Delivery.objects.filter(purpose="release").order_by("pk").values_list("contact_point__stakeholder__name", "channel")
    for name, channel in rows:
        found.setdefault(name, []).append(channel)
    return found


def followed() -> dict[str, str]:
    rows = DeliveryFailure.objects.filter(delivery__purpose="release").order_by("delivery")
    return dict(rows.values_list("delivery__contact_point__stakeholder__name", "followed"))


@pytest.mark.parametrize("state", ["dead", "bounced", "undelivered", "uncertain"])
def test_whom_mail_failed_gets_a_text_message_at_once(cast: Cast, state: str) -> None:
    put("ada", "email", "sms")
    put("bob", "email", "sms")
    message = out(cast)
    fails("ada", state)
    assert fall() == 1
    assert told() == {"ada": ["email", "sms"], "bob": ["email"]}
    second = Delivery.objects.get(channel="sms", purpose="release")
    first = Delivery.objects.get(contact_point__stakeholder__name="ada", channel="email", purpose="release")
    assert (second.fallback_of_id, second.audience_id, second.lane, second.state) == (first.pk, first.audience_id, first.lane, "planned")
    assert DeliveryRun.objects.get(pk=second.run_id).channel == "sms"
    assert followed() == {"ada": Followed.PLANNED}
    assert counters_that_differ([message.pk]) == []
    assert fall() == 0


def test_what_is_not_taken_over_in_time_goes_by_the_next_channel_too_and_stays_on_its_way(cast: Cast) -> None:
    put("ada", "email", "sms")
    out(cast)
    assert fall() == 0, "its ten minutes are not over"
    late()
    assert fall() == 1
    assert told() == {"ada": ["email", "sms"]}
    assert Delivery.objects.get(channel="email", purpose="release").closed_at is None
    assert not FallbackStep.objects.filter(due_at__lte=Now()).exists()
    late()
    assert fall() == 0


def test_whoever_mail_reached_gets_no_text_message(cast: Cast) -> None:
    put("ada", "email", "sms")
    out(cast)
    fails("ada", "accepted", "")
    late()
    assert fall() == 0
    assert told() == {"ada": ["email"]}


def test_a_bounce_after_all_is_settled_opens_the_message_again(cast: Cast) -> None:
    put("ada", "email", "sms")
    message = out(cast)
    fails("ada", "accepted", "")
    settle_now(now=NOW)
    Delivery.objects.filter(channel="email", purpose="release").update(state="bounced", reason="550 no such user")
    assert fall() == 1
    message.refresh_from_db()
    assert message.finished_at is None
    assert not live(message).done


def test_a_message_is_not_settled_before_somebody_has_looked_what_follows(cast: Cast) -> None:
    put("ada", "email")
    message = out(cast)
    fails("ada")
    assert settle_now(now=NOW, message_ids=[message.pk]) == 0
    assert not live(message).done
    assert fall() == 0
    assert followed() == {"ada": Followed.UNREACHED}
    assert settle_now(now=NOW, message_ids=[message.pk]) == 1
    assert live(message).done


def test_the_way_goes_on_along_the_route_and_ends_by_saying_who_was_not_reached(cast: Cast) -> None:
    Audience.objects.filter(key="customers").update(filter=None)
    put("ada", "email", "sms")
    message = out(cast)
    plan = {
        "customers": [
            {"channel": "email", "fallback_after_minutes": 10},
            {"channel": "sms", "fallback_after_minutes": 5},
            {"channel": "webhook", "fallback_after_minutes": None},
        ]
    }
    Message.objects.filter(pk=message.pk).update(plan={"routes": plan, "filters": {}})
    Stakeholder.objects.get(name="ada").contact_points.create(
        kind="webhook", address="https://ada.example.com/hook", position=3, created_at=NOW
    )
    fails("ada")
    assert fall() == 1
    late()
    assert fall() == 1, "the text message is late too"
    assert told() == {"ada": ["email", "sms", "webhook"]}
    fails("ada", channel="sms")
    assert fall() == 0
    assert fallback_count(message) == FallbackCount(instead=1, unreached=0)
    fails("ada", channel="webhook")
    fall()
    assert fallback_count(message) == FallbackCount(instead=1, unreached=1)


def test_a_second_number_stands_in_for_the_first(cast: Cast) -> None:
    ada = put("ada", "email", "sms")
    ada.contact_points.create(kind="sms", address="+4915112345999", position=5, created_at=NOW)
    out(cast)
    fails("ada")
    assert fall() == 1
    fails("ada", channel="sms")
    assert fall() == 1
    numbers = Delivery.objects.filter(channel="sms", purpose="release").order_by("pk").values_list("contact_point__address", flat=True)
    assert len(set(numbers)) == 2
    assert numbers[1] == "+4915112345999"


def test_another_mail_address_of_the_same_reader_is_waited_for(cast: Cast) -> None:
    ada = put("ada", "email", "sms")
    ada.contact_points.create(kind="email", address="ada@second.example", position=5, created_at=NOW)
    out(cast)
    first, second = Delivery.objects.filter(purpose="release").order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(state="dead", reason="554", closed_at=Now())
    assert fall() == 0
    assert followed() == {"ada": Followed.ANOTHER}
    Delivery.objects.filter(pk=second.pk).update(state="dead", reason="554", closed_at=Now())
    assert fall() == 1
    assert Delivery.objects.get(channel="sms", purpose="release").fallback_of_id == second.pk


def test_two_addresses_that_fail_together_are_followed_by_one_text_message(cast: Cast) -> None:
    ada = put("ada", "email", "sms")
    ada.contact_points.create(kind="email", address="ada@second.example", position=5, created_at=NOW)
    out(cast)
    fails("ada")
    assert fall() == 1
    assert told() == {"ada": ["email", "email", "sms"]}


def suppressed(ada: Stakeholder, kind: str, channel: str) -> None:
    ada.contact_points.filter(kind=channel).update(suppressed_at=NOW, suppression_kind=kind, suppression_reason="told us")


def opted_out(ada: Stakeholder, channel: str) -> None:
    audience = Audience.objects.get(key="customers")
    OptOut.objects.create(contact_point=ada.contact_points.get(kind=channel), audience=audience, at=NOW, source="page")


def test_an_address_suppressed_since_is_followed_by_the_next_channel(cast: Cast) -> None:
    ada = put("ada", "email", "sms")
    out(cast)
    suppressed(ada, "bounce", "email")
    fails("ada", "suppressed", "the address is suppressed")
    assert fall() == 1


@pytest.mark.parametrize("kind", ["stop", "complaint"])
def test_whoever_wants_no_more_is_not_written_to_elsewhere(cast: Cast, kind: str) -> None:
    ada = put("ada", "email", "sms")
    out(cast)
    suppressed(ada, kind, "email")
    fails("ada", "suppressed", "the address is suppressed")
    assert fall() == 0
    assert followed() == {"ada": Followed.ENDED}


@pytest.mark.parametrize("reason", ["unsubscribed", "the incident is restricted", "the user is no longer active"])
def test_what_may_not_be_sent_by_one_channel_is_not_sent_by_another(cast: Cast, reason: str) -> None:
    put("ada", "email", "sms")
    out(cast)
    fails("ada", "suppressed", reason)
    assert fall() == 0
    assert followed() == {"ada": Followed.ENDED}


@pytest.mark.parametrize("barred", ["suppressed", "pending", "opted out"])
def test_the_next_channel_is_not_used_where_its_address_may_not_be_written_to(cast: Cast, barred: str) -> None:
    ada = put("ada", "email", "sms")
    if barred == "suppressed":
        suppressed(ada, "bounce", "sms")
    elif barred == "pending":
        ada.contact_points.filter(kind="sms").update(verification="pending")
    else:
        opted_out(ada, "sms")
    out(cast)
    fails("ada")
    late()
    assert fall() == 0
    assert followed() == {"ada": Followed.UNREACHED}


def test_a_route_that_waits_for_no_channel_leads_nowhere(cast: Cast) -> None:
    put("ada", "email", "sms")
    message = out(cast)
    routes = {"customers": [{"channel": "email", "fallback_after_minutes": None}, {"channel": "sms", "fallback_after_minutes": None}]}
    Message.objects.filter(pk=message.pk).update(plan={"routes": routes})
    fails("ada")
    assert fall() == 0
    assert followed() == {"ada": Followed.UNREACHED}


@pytest.mark.parametrize("rest", ["paused", "stopped", "disarmed"])
def test_nothing_falls_back_while_sending_rests_and_each_channel_has_its_whole_time_afterwards(cast: Cast, rest: str) -> None:
    put("ada", "email", "sms")
    put("bob", "email", "sms")
    message = out(cast)
    fails("bob")
    late()
    if rest == "paused":
        Message.objects.filter(pk=message.pk).update(paused_at=Now(), paused_by=cast.commander)
    elif rest == "stopped":
        Message.objects.filter(pk=message.pk).update(stopped_at=Now(), stopped_reason="held")
    else:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO notifications_installation (id, server, marker, disarmed_at, disarmed_reason, problems, armed_at)"
                " SELECT 1, '', gen_random_uuid(), now(), 'restored', '[]', NULL"
            )
    assert fall() == 0
    Message.objects.filter(pk=message.pk).update(paused_at=None, paused_by=None, stopped_at=None, stopped_reason="")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM notifications_installation")
    wait_anew(message.pk)
    assert fall() == 1
    assert told() == {"ada": ["email"], "bob": ["email", "sms"]}


@pytest.mark.parametrize("as_", [Ended.SUPERSEDED])
def test_nothing_follows_what_was_ended(cast: Cast, as_: Ended) -> None:
    put("ada", "email", "sms")
    message = out(cast)
    fails("ada")
    end_message(message, as_=as_, reason="a correction was released")
    late()
    assert fall() == 0
    assert followed() == {"ada": Followed.ENDED}
    assert not FallbackStep.objects.exists()


def test_a_message_that_is_over_says_whom_it_did_not_reach(cast: Cast) -> None:
    put("ada", "email", "sms")
    message = out(cast)
    Message.objects.filter(pk=message.pk).update(expires_at=Now() - timedelta(seconds=1))
    fails("ada", "expired", "too late to be of use")
    assert fall() == 0
    assert followed() == {"ada": Followed.UNREACHED}


def test_a_newer_update_takes_the_place_of_the_fallback(cast: Cast) -> None:
    put("ada", "email", "sms")
    message = out(cast)
    assert message.incident is not None
    update = make_update(incident=message.incident, actor=cast.actor("commander"), edit=ContentEdit(channels=ALL))
    let_go(cast, reviewed(cast, update))
    assert Message.objects.filter(kind="release").count() == 2
    Delivery.objects.filter(message=message).update(state="dead", reason="554", closed_at=Now())
    assert fall() == 0
    assert DeliveryFailure.objects.get(message=message).followed == Followed.NEWER


def test_quiet_hours_are_no_lateness(cast: Cast) -> None:
    ada = put("ada", "email", "sms")
    message = out(cast)
    Stakeholder.objects.filter(pk=ada.pk).update(quiet_from="00:00", quiet_until="23:59:59", time_zone="UTC")
    assert message.facts["impact"] != "critical"
    late()
    assert fall() == 0
    assert FallbackStep.objects.filter(due_at__gt=Now()).exists(), "looked at again afterwards"
    Stakeholder.objects.filter(pk=ada.pk).update(quiet_from=None, quiet_until=None)
    late()
    assert fall() == 1


def test_a_person_who_belongs_to_two_audiences_falls_back_once(cast: Cast) -> None:
    ada = put("ada", "email", "sms")
    other = Audience.objects.exclude(key__in=["customers", "internal"]).first()
    if other is not None:
        AudienceMember.objects.create(audience=other, stakeholder=ada, added_at=NOW)
    out(cast)
    fails("ada")
    late()
    assert fall() == 1


def test_pieces_are_worked_off_one_after_the_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fall_back, "PIECE", 2)
    for number in range(7):
        put(f"reader{number}", "email", "sms")
    message = out(cast)
    fails("reader0")
    fails("reader3")
    late()
    assert fall() == 7
    assert all(channels == ["email", "sms"] for channels in told().values())
    assert counters_that_differ([message.pk]) == []


def test_the_database_lets_an_address_stand_in_once(cast: Cast) -> None:
    put("ada", "email", "sms")
    out(cast)
    fails("ada")
    fall()
    with pytest.raises(IntegrityError, match="notifications_delivery_once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications_delivery (key, message_id, contact_point_id, audience_id, run_id, purpose, channel, lane, state,"
            " reason, fence, attempt_count, tries, ambiguous)"
            " SELECT gen_random_uuid(), message_id, contact_point_id, audience_id, run_id, purpose, 'sms', lane, 'planned',"
            " '', 0, 0, 0, 0 FROM notifications_delivery WHERE channel = 'sms' AND purpose = 'release'"
        )


@pytest.mark.parametrize(
    ("constraint", "values"),
    [("notifications_fallback_waits_some_time", "0, 0, NULL"), ("notifications_fallback_range", "5, 10, 9")],
)
def test_a_time_that_is_waited_for_is_whole(cast: Cast, constraint: str, values: str) -> None:
    message = out(cast)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications_fallbackstep (message_id, audience_id, channel, due_at, minutes, after_id, upto_id)"  # noqa: S608 - of this test
            f" SELECT %s, id, 'email', now(), {values} FROM stakeholders_audience LIMIT 1",
            [message.pk],
        )


def test_what_followed_is_one_of_the_known_words(cast: Cast) -> None:
    put("ada", "email", "sms")
    out(cast)
    fails("ada")
    with pytest.raises(IntegrityError, match="notifications_failure_followed_known"), transaction.atomic():
        DeliveryFailure.objects.update(followed="forgotten")


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_plan_each_reader_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fall_back, "PIECE", 3)
    for number in range(20):
        put(f"reader{number}", "email", "sms")
    message = out(cast)
    for number in range(0, 20, 2):
        fails(f"reader{number}")
    late()
    assert at_once(*[fall] * 4) == []
    fall()
    assert all(channels == ["email", "sms"] for channels in told().values())
    assert counters_that_differ([message.pk]) == []


def opened(channel: str) -> dict[str, tuple[str, str]]:
    """The attempts of a window of this channel are opened, and nothing is sent; how each delivery stands then."""
    runs = rows.claim(channel, [0, 1, 2, 3], 100, timedelta(seconds=60))
    messages = Messages(Message.objects.in_bulk({run.message for run in runs}))
    with transaction.atomic():
        open_window(runs, messages, limit=100, lease=timedelta(seconds=60), provider="twilio")
    found = Delivery.objects.filter(channel=channel, purpose="release").order_by("pk")
    return {name: (state, reason) for name, state, reason in found.values_list("contact_point__stakeholder__name", "state", "reason")}


def test_what_stands_in_is_not_sent_once_the_channel_before_has_taken_it_over(cast: Cast) -> None:
    put("ada", "email", "sms")
    put("bob", "email", "sms")
    out(cast)
    late()
    assert fall() == 2
    fails("ada", "accepted", "")
    assert opened("sms") == {"ada": ("superseded", "the channel before it has taken it over"), "bob": ("sending", "")}


def test_what_stands_in_is_not_sent_after_a_newer_update_by_another_channel(cast: Cast) -> None:
    put("ada", "email", "sms")
    message = out(cast)
    late()
    assert fall() == 1
    assert message.incident is not None
    update = make_update(incident=message.incident, actor=cast.actor("commander"), edit=ContentEdit(channels=ALL))
    let_go(cast, reviewed(cast, update))
    assert opened("sms") == {"ada": ("superseded", "a newer update was released")}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", FALLING_BACK)
def test_a_worker_killed_there_plans_nobody_twice_and_forgets_nobody(cast: Cast, tmp_path: Path, step: str) -> None:
    for number in range(6):
        put(f"reader{number}", "email", "sms")
    message = out(cast)
    fails("reader0")
    fails("reader1")
    late()
    assert die_at(step, 1, tmp_path) == -signal.SIGKILL
    assert Delivery.objects.filter(channel="sms", purpose="release").count() == (2 if step == "a piece of fallbacks committed" else 0)
    fall()
    assert all(channels == ["email", "sms"] for channels in told().values())
    assert len(told()) == 6
    assert counters_that_differ([message.pk]) == []
