"""What the database itself holds of the queue: names, counters, references, and that nothing of it is taken away."""

import uuid
from collections import Counter

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from audit.rules.merkle import leaf_hash
from core.canonical import canonical_json
from notifications.models import AttemptOutcome, Delivery, DeliveryFailure, DeliveryRun, Message, PlanStep
from notifications.queries.counts import counts_of
from notifications.rules.keys import delivery_key
from notifications.rules.states import MOVES, OPEN, DeliveryState
from notifications.services import claim_and_send
from notifications.services.settle import attempt_leaves
from stakeholders.models import Audience
from tests.support.cast import Cast
from tests.support.releases import released, subscribers
from tests.support.sinks import Sink


class TestKeys(TestCase):
    """The same name whoever makes it."""

    @given(st.text(alphabet="abcXYZ019äß-_'\\%", max_size=20), st.integers(1, 2**62), st.sampled_from(["release", "notice"]))
    @settings(max_examples=50)
    def test_postgresql_and_python_give_a_delivery_the_same_key(self, message: str, contact_point: int, purpose: str) -> None:
        made = delivery_key(message, f"contact:{contact_point}", purpose)
        with connection.cursor() as cursor:
            cursor.execute("SELECT notifications_delivery_key(%s, 'contact:' || %s, %s)", [message, contact_point, purpose])
            assert cursor.fetchone() == (made,)
        assert (made.version, made.variant) == (8, uuid.RFC_4122)


@pytest.fixture
def message(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Message:
    monkeypatch.setattr("notifications.services.plan_notice.insert_deliveries", lambda *args, **kwargs: 0)
    subscribers("anna@example.com", "gone@example.com", "zoe@example.com")
    return Message.objects.get(release=released(cast))


def refused(statement: str, match: str) -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_counters_and_failures_follow_every_change_whoever_makes_it(message: Message, sink: Sink) -> None:
    assert counts_of([message.pk])[message.pk] == {"planned": 3}
    sink.bad = {"gone@example.com"}
    claim_and_send()
    assert (
        counts_of([message.pk])[message.pk]
        == dict(Counter(Delivery.objects.values_list("state", flat=True)))
        == {"accepted": 2, "bounced": 1}
    )
    assert list(DeliveryFailure.objects.values_list("state", "reason")) == [("bounced", "5.1.1 [address] does not exist")]
    Delivery.objects.filter(state="bounced").update(state="queued", closed_at=None)
    assert counts_of([message.pk])[message.pk] == {"accepted": 2, "queued": 1}
    assert not DeliveryFailure.objects.exists()


@pytest.mark.django_db
def test_what_the_log_holds_the_root_of_is_the_canonical_form_of_each_attempt(message: Message, sink: Sink) -> None:
    claim_and_send()
    outcomes = AttemptOutcome.objects.select_related("attempt__delivery").order_by("attempt__delivery_id")
    expected = [
        leaf_hash(
            canonical_json(
                {
                    "key": str(outcome.attempt.delivery.key),
                    "number": outcome.attempt.number,
                    "started_at": outcome.attempt.started_at.isoformat(timespec="microseconds"),
                    "outcome": outcome.outcome,
                    "code": outcome.code,
                    "at": outcome.at.isoformat(timespec="microseconds"),
                }
            )
        )
        for outcome in outcomes
    ]
    assert list(attempt_leaves(message)) == expected
    assert len(expected) == 3


@pytest.mark.django_db
def test_whatever_is_open_belongs_to_one_run_and_a_finished_run_is_gone(message: Message, sink: Sink) -> None:
    (run,) = DeliveryRun.objects.all()
    assert set(Delivery.objects.filter(state__in=OPEN).values_list("run_id", flat=True)) == {run.pk}
    assert (run.first_id, run.last_id, run.size) == (*Delivery.objects.order_by("id").values_list("id", flat=True)[::2], 3)
    claim_and_send()
    assert not DeliveryRun.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["message_id", "contact_point_id", "audience_id", "fallback_of_id"])
def test_a_delivery_refers_to_what_exists(message: Message, column: str) -> None:
    values = {"message_id": "message_id", "contact_point_id": "contact_point_id", "audience_id": "audience_id", "fallback_of_id": "NULL"}
    values[column] = "987654321"
    statement = (
        f"INSERT INTO notifications_delivery ({', '.join(values)}, run_id, purpose, channel, key, lane, state, reason, fence,"  # noqa: S608 - words of this test
        f" attempt_count, tries, ambiguous) SELECT {', '.join(values.values())}, 0, 'other', 'email', gen_random_uuid(), 2, 'planned', '',"
        " 0, 0, 0, 0 FROM notifications_delivery LIMIT 1"
    )
    refused(statement, "refers to what does not exist")


@pytest.mark.django_db
def test_attempts_and_outcomes_refer_to_what_exists(message: Message) -> None:
    refused(
        "INSERT INTO notifications_deliveryattempt (delivery_id, number, fence, provider, started_at) VALUES (987654321, 1, 1, 'x', now())",
        "does not exist",
    )
    refused(
        "INSERT INTO notifications_attemptoutcome (attempt_id, outcome, code, detail, provider_id, at)"
        " VALUES (987654321, 'accepted', 250, '', '', now())",
        "does not exist",
    )


@pytest.mark.django_db
def test_what_deliveries_refer_to_is_not_deleted_and_they_neither(message: Message) -> None:
    PlanStep.objects.all().delete()
    DeliveryRun.objects.all().delete()
    for table in ("notifications_message", "stakeholders_contactpoint"):
        refused(f"DELETE FROM {table}", "refer to what is to be deleted")  # noqa: S608 - words of this test
    refused("DELETE FROM notifications_delivery", "are kept")
    refused("TRUNCATE notifications_delivery, notifications_deliveryattempt, notifications_attemptoutcome", "refused")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("table", "change", "constraint"),
    [
        ("deliveryrun", "lane = 9", "notifications_run_lane_known"),
        ("deliveryrun", "first_id = last_id + 1", "notifications_run_range"),
        ("message", "ended_as = 'superseded'", "notifications_message_ended_whole"),
        ("message", "planned_at = NULL, finished_at = now()", "notifications_message_planned_before_finished"),
        ("message", "planned_at = now(), unplanned = 5", "notifications_message_planned_whole_or_not"),
        ("delivery", "closed_at = now()", "notifications_closed_when_terminal"),
        ("delivery", "state = 'leased', closed_at = now()", "notifications_delivery_state_known"),
    ],
)
def test_rows_of_the_queue_keep_their_sense(message: Message, table: str, change: str, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE notifications_{table} SET {change}")  # noqa: S608 - words of this test


@pytest.mark.django_db
def test_a_pass_of_a_plan_has_its_place_once_and_a_known_lane(message: Message) -> None:
    step = {"message": message, "position": 1, "channel": "email", "audience": Audience.objects.first(), "upto_id": 1}
    PlanStep.objects.create(**step, lane=2)
    with pytest.raises(IntegrityError, match="notifications_plan_step_once"), transaction.atomic():
        PlanStep.objects.create(**step, lane=2)
    with pytest.raises(IntegrityError, match="notifications_plan_lane_known"), transaction.atomic():
        PlanStep.objects.create(**{**step, "position": 2}, lane=9)


@pytest.mark.django_db
def test_a_failure_has_a_state_that_is_one_and_a_counter_stands_once(message: Message) -> None:
    delivery = Delivery.objects.earliest("id")
    with pytest.raises(IntegrityError, match="notifications_failure_state_failed"), transaction.atomic():
        DeliveryFailure.objects.create(delivery=delivery, message=message, channel="email", state="accepted", reason="")
    twice = (
        "INSERT INTO notifications_messagecounter (message_id, channel, state, shard, count)"
        " SELECT message_id, channel, state, shard, count FROM notifications_messagecounter"
    )
    refused(twice, "notifications_counter_once")


@pytest.mark.django_db
def test_no_index_of_deliveries_mentions_what_sending_changes(message: Message) -> None:
    """Else each of the two updates of a delivery would write every index anew (no HOT update)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'notifications_delivery'")
        definitions = [row[0] for row in cursor.fetchall()]
    assert definitions
    changing = ("state", "fence", "closed_at", "reason", "attempt_count", "tries", "ambiguous", "run_id")
    assert [definition for definition in definitions if any(word in definition for word in changing)] == []


def test_states_that_nothing_leads_to_are_those_a_delivery_begins_with() -> None:
    reached = set().union(*MOVES.values())
    assert set(DeliveryState) - reached == {DeliveryState.PLANNED}
