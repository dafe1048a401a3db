"""What providers say afterwards moves a delivery forward only, whatever order it comes in and however often."""

import itertools
import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models.functions import Now

from accounts.actors import system
from core.errors import NotFound
from notifications.models import Delivery, DeliveryCallback
from notifications.rules.states import MOVES, RANKS, TERMINAL, DeliveryState, moves_forward
from notifications.services import claim_and_send
from notifications.services.callbacks import apply_waiting_callbacks, record_callback
from stakeholders.models import ContactPoint
from tests.support.cast import NOW, Cast
from tests.support.releases import released, subscribers
from tests.support.sinks import Sink

PROVIDER = system("hooks:smtp")
S = DeliveryState


@pytest.fixture
def delivery(cast: Cast, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> Delivery:
    """One letter that the provider took over."""
    monkeypatch.setattr("notifications.services.plan_notice.insert_deliveries", lambda *args, **kwargs: 0)
    subscribers("anna@example.com")
    released(cast)
    while claim_and_send():
        pass
    return Delivery.objects.get()


def tell(delivery: Delivery, state: DeliveryState, minutes: int = 1, detail: str = "") -> int:
    at = NOW + timedelta(minutes=minutes)
    return record_callback(actor=PROVIDER, now=at, provider="smtp", state=state, at=at, key=delivery.key, detail=detail)


def state_of(delivery: Delivery) -> str:
    return str(Delivery.objects.values_list("state", flat=True).get(pk=delivery.pk))


@pytest.mark.django_db
@pytest.mark.parametrize("order", list(itertools.permutations([S.ACCEPTED, S.DELIVERED, S.BOUNCED])))
def test_whatever_the_order_the_highest_rank_stays(delivery: Delivery, order: tuple[DeliveryState, ...]) -> None:
    for minutes, state in enumerate(order):
        tell(delivery, state, minutes)
    assert state_of(delivery) == "bounced"
    assert ContactPoint.objects.get().suppression_reason == "bounced"


@pytest.mark.django_db
def test_the_same_news_twice_is_kept_and_counts_once(delivery: Delivery) -> None:
    assert [tell(delivery, S.DELIVERED), tell(delivery, S.DELIVERED)] == [1, 0]
    assert DeliveryCallback.objects.count() == 1


@pytest.mark.django_db
def test_the_provider_ends_doubt_and_spares_the_second_try(cast: Cast, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.services.plan_notice.insert_deliveries", lambda *args, **kwargs: 0)
    subscribers("anna@example.com")
    released(cast)
    sink.script = ["drop_after"]
    claim_and_send()
    waiting = Delivery.objects.get(state="retry_wait")
    assert tell(waiting, S.DELIVERED) == 1
    assert claim_and_send() == 0
    assert (state_of(waiting), list(sink.accepted.values())) == ("delivered", [1])


@pytest.mark.django_db
def test_what_was_never_sent_is_not_moved_by_anybodys_word(delivery: Delivery) -> None:
    Delivery.objects.update(state="queued", closed_at=None)
    assert tell(delivery, S.DELIVERED) == 0
    assert state_of(delivery) == "queued"


@pytest.mark.django_db
def test_news_of_what_is_being_sent_waits_until_the_attempt_is_closed(delivery: Delivery) -> None:
    Delivery.objects.update(state="sending", closed_at=None)
    assert tell(delivery, S.DELIVERED) == 0
    Delivery.objects.update(state="accepted", closed_at=Now())
    assert apply_waiting_callbacks(now=NOW) == 1
    assert (state_of(delivery), apply_waiting_callbacks(now=NOW)) == ("delivered", 0)


@pytest.mark.django_db
def test_the_providers_own_name_finds_the_delivery_for_that_provider_alone(delivery: Delivery) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE notifications_attemptoutcome DISABLE TRIGGER USER")
        cursor.execute("UPDATE notifications_attemptoutcome SET provider_id = 'SM1'")
    for provider, moved in (("another", 0), ("smtp", 1)):
        told = record_callback(actor=PROVIDER, now=NOW, provider=provider, state=S.UNDELIVERED, at=NOW, provider_id="SM1", detail="30005")
        assert told == moved
    assert list(Delivery.objects.values_list("state", "reason")) == [("undelivered", "30005")]
    assert ContactPoint.objects.get().suppressed_at is None


@pytest.mark.django_db
def test_news_of_nothing_is_refused_or_kept_without_effect(delivery: Delivery) -> None:
    assert record_callback(actor=PROVIDER, now=NOW, provider="smtp", state=S.DELIVERED, at=NOW, key=uuid.uuid4()) == 0
    for state, named in ((S.CANCELLED, "x"), (S.DELIVERED, "")):
        with pytest.raises(NotFound):
            record_callback(actor=PROVIDER, now=NOW, provider="smtp", state=state, at=NOW, provider_id=named)
    assert state_of(delivery) == "accepted"


@pytest.mark.django_db
def test_the_database_keeps_what_was_said(delivery: Delivery) -> None:
    tell(delivery, S.DELIVERED)
    for change in ("state = 'bounced'", "applied_at = NULL"):
        with pytest.raises(DatabaseError, match="is kept"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE notifications_deliverycallback SET {change}")  # noqa: S608 - words of this test
    with pytest.raises(DatabaseError, match="is kept"), transaction.atomic():
        DeliveryCallback.objects.all().delete()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ("'p', '', NULL, 'delivered'", "notifications_callback_names_a_delivery"),
        ("'p', 'x', NULL, 'leased'", "notifications_callback_state_known"),
    ],
)
def test_the_database_refuses_news_of_nothing(values: str, constraint: str) -> None:
    insert = "INSERT INTO notifications_deliverycallback (provider, provider_id, key, state, detail, at, received_at) VALUES"
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{insert} ({values}, '', now(), now())")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "constraint"),
    [("gen_random_uuid()", "notifications_callback_once_by_key"), ("NULL::uuid", "notifications_callback_once_by_id")],
)
def test_the_database_keeps_news_once(key: str, constraint: str) -> None:
    insert = "INSERT INTO notifications_deliverycallback (provider, provider_id, key, state, detail, at, received_at)"
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{insert} SELECT 'p', 'x', k, 'delivered', '', now(), now() FROM (SELECT {key} AS k) a, generate_series(1, 2)")  # noqa: S608


@pytest.mark.django_db
def test_a_fallback_is_of_another_delivery_and_one_per_channel(delivery: Delivery) -> None:
    with pytest.raises(IntegrityError, match="notifications_fallback_of_another"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE notifications_delivery SET fallback_of_id = id")
    columns = "message_id, contact_point_id, lane, channel, state, reason, fence, run_id, attempt_count, tries, ambiguous"
    twice = (
        f"INSERT INTO notifications_delivery (key, purpose, fallback_of_id, {columns}, closed_at) "  # noqa: S608 - names of this test
        f"SELECT gen_random_uuid(), 'fallback' || n, d.id, {columns}, closed_at FROM notifications_delivery d, generate_series(1, 2) n"
    )
    with (
        pytest.raises(IntegrityError, match="notifications_fallback_once_per_channel"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(twice)


def test_every_move_that_news_makes_is_a_move_of_the_table() -> None:
    for stands, told in itertools.product(RANKS, RANKS):
        if moves_forward(stands, told):
            assert told in MOVES[stands], (stands, told)
    assert all(state in TERMINAL for state in RANKS)
