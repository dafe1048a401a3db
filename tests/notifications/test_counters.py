"""The counters say what is there after any moves, rolled back or not, by any number of workers at once."""

import threading
from collections import Counter
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.database_clock import database_now
from notifications.models import CauseCounter, Delivery, DeliveryFailure, MessageCounter, MessagePace
from notifications.queries.counts import (
    bounds_of,
    causes_of,
    counters_that_differ,
    counts_by_provider,
    counts_of,
    paces_of,
)
from notifications.rules.states import CAUSED, LISTED, OPEN, DeliveryState
from notifications.services import claim_and_send
from tests.notifications.many import planned_message
from tests.support.cast import NOW, Cast
from tests.support.releases import released, subscribers
from tests.support.sinks import Sink

pytestmark = pytest.mark.django_db
STATES = sorted(set(DeliveryState) - {DeliveryState.CANCELLED, DeliveryState.SUPERSEDED})
_REASONS = ("", "451 4.7.1 try later", "452 4.2.2 queue A1B2C3D4E5", "452 4.2.2 queue F6A7B8C9D0", "550 no such mailbox")
moves = st.lists(
    st.tuples(
        st.sets(st.integers(0, 39), min_size=1, max_size=25),
        st.sampled_from(STATES),
        st.sampled_from(("", "smtp", "sendgrid")),
        st.sampled_from(_REASONS),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


def move(ids: list[int], state: str, provider: str, reason: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_delivery SET state = %s, provider = %s, reason = %s,"
            " closed_at = CASE WHEN %s THEN NULL ELSE clock_timestamp() END WHERE id = ANY(%s)",
            [state, provider, reason, state in OPEN, ids],
        )


def causes_there(message: int) -> dict[tuple[str, str], int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, notifications_cause(reason), count(*) FROM notifications_delivery"
            " WHERE message_id = %s AND state = ANY(%s) GROUP BY 1, 2",
            [message, sorted(CAUSED)],
        )
        return {(state, cause): number for state, cause, number in cursor.fetchall()}


@given(moves)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_random_moves_the_counters_say_what_is_there(cast: Cast, made: list[tuple[set[int], str, str, str, bool]]) -> None:
    with transaction.atomic():
        message = planned_message(40)
        ids = list(Delivery.objects.filter(message=message).order_by("id").values_list("id", flat=True))
        for places, state, provider, reason, kept in made:
            with transaction.atomic():
                move([ids[place] for place in places], state, provider, reason)
                transaction.set_rollback(not kept)
            assert counters_that_differ([message.pk]) == []
        there = Counter(Delivery.objects.filter(message=message).values_list("state", flat=True))
        assert counts_of([message.pk])[message.pk] == dict(there)
        assert {(c.state, c.cause): c.count for c in causes_of(message.pk, 50)} == causes_there(message.pk)
        listed = Delivery.objects.filter(message=message, state__in=sorted(LISTED)).values_list("pk", "state", "reason")
        assert set(DeliveryFailure.objects.filter(message=message).values_list("delivery_id", "state", "reason")) == set(listed)
        assert bounds_of(message.pk) == (ids[0], ids[-1])
        transaction.set_rollback(True)


def test_a_counter_that_lies_is_found() -> None:
    message = planned_message(3)
    MessageCounter.objects.filter(message=message, state="planned").update(count=5)
    (found,) = counters_that_differ([message.pk])
    assert (found.state, found.counted, found.there) == ("planned", 5, 3)


def test_what_differs_from_one_delivery_to_the_next_is_no_cause_of_its_own() -> None:
    message = planned_message(2)
    ids = list(Delivery.objects.filter(message=message).values_list("id", flat=True))
    for pk, reason in zip(ids, ("452 4.2.2 from 10.1.2.3 as A1B2C3D4E5", "452 4.2.2 from 10.1.2.4 as F6A7B8C9D0"), strict=True):
        move([pk], "dead", "smtp", reason)
    assert list(CauseCounter.objects.values_list("cause", "count")) == [("452 4.2.2 from … as …", 2)]


def test_who_carries_it_and_how_fast_comes_from_the_sending_itself(cast: Cast, sink: Sink) -> None:
    subscribers("a@example.com", "b@example.com", "c@example.com")
    done = released(cast)
    while claim_and_send(now_fn=lambda: NOW):
        pass
    assert counts_by_provider(done.message.pk) == {("email", "smtp"): {"accepted": 3}}
    assert MessagePace.objects.filter(message=done.message).values_list("provider", "ended", "accepted").get() == ("smtp", 3, 3)
    pace = paces_of(done.message.pk, database_now())["email", "smtp"]
    assert pace.ended == 3
    assert pace.per_second == pytest.approx(0.3, abs=0.2)


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_count_every_move_once() -> None:
    message = planned_message(400)
    ids = list(Delivery.objects.filter(message=message).order_by("id").values_list("id", flat=True))

    def work(mine: list[int]) -> None:
        try:
            for start in range(0, len(mine), 10):
                for state in ("sending", "accepted"):
                    move(mine[start : start + 10], state, "smtp", "")
        finally:
            connection.close()

    workers: list[Any] = [threading.Thread(target=work, args=(ids[place::4],)) for place in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert counters_that_differ([message.pk]) == []
    assert counts_of([message.pk])[message.pk] == {"accepted": 400}
