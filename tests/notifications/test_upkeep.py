"""Counters are kept short without ever saying anything wrong, paces are forgotten, and a counter that lies is raised."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F, Sum
from django.db.models.functions import Now

from core.database_clock import database_now
from notifications.models import CauseCounter, Delivery, Installation, Message, MessageCounter, MessagePace
from notifications.queries.counts import bounds_of, causes_of, counters_that_differ, counts_of
from notifications.services import upkeep
from notifications.services.upkeep import fold_counters, forget_old_paces
from statuscomms.ticks import TICKS
from statuscomms.watch import watch
from tests.notifications.many import planned_message
from tests.notifications.test_counters import move
from tests.support.cast import NOW

pytestmark = pytest.mark.django_db
SPAM = "554 refused as spam"


def ids_of(message: Message) -> list[int]:
    return list(Delivery.objects.filter(message=message).order_by("id").values_list("id", flat=True))


def counted_by(shard: int) -> None:
    """As if what was counted so far by this session had been counted by another."""
    for table in (MessageCounter, CauseCounter):
        table.objects.filter(shard=connection.connection.info.backend_pid).update(shard=shard)


def counted_by_many(message: Message) -> None:
    """Each move counted by a session of its own."""
    ids = ids_of(message)
    for place, start in enumerate(range(0, len(ids), 10), start=1):
        counted_by(1_000_000 + 3 * place)
        move(ids[start : start + 10], "sending", "smtp", "")
        counted_by(1_000_001 + 3 * place)
        move(ids[start : start + 5], "accepted", "smtp", "")
        move(ids[start + 5 : start + 10], "dead", "smtp", SPAM)


def finish(message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(finished_at=Now())


def test_shards_of_a_finished_message_become_one_row_each() -> None:
    message = planned_message(40)
    counted_by_many(message)
    finish(message)
    before = (counts_of([message.pk]), causes_of(message.pk, 9), bounds_of(message.pk))
    assert MessageCounter.objects.filter(message=message).count() > 10
    assert fold_counters() > 10
    assert (counts_of([message.pk]), causes_of(message.pk, 9), bounds_of(message.pk)) == before
    assert counters_that_differ([message.pk]) == []
    assert sorted(MessageCounter.objects.filter(message=message).values_list("state", "provider", "shard")) == [
        ("accepted", "smtp", 0),
        ("dead", "smtp", 0),
        ("planned", "", 0),
        ("sending", "smtp", 0),
    ]
    assert list(CauseCounter.objects.filter(message=message).values_list("shard", "count")) == [(0, 20)]
    assert fold_counters() == 0


def test_what_is_counted_after_folding_is_folded_into_it() -> None:
    message = planned_message(10)
    finish(message)
    fold_counters()
    first = bounds_of(message.pk)
    move(ids_of(message)[:4], "dead", "smtp", SPAM)
    assert counters_that_differ([message.pk]) == []
    assert fold_counters() == 3
    assert counts_of([message.pk])[message.pk] == {"planned": 6, "dead": 4}
    assert (bounds_of(message.pk), counters_that_differ([message.pk])) == (first, [])


def test_a_message_under_way_is_folded_when_many_sessions_have_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    message = planned_message(40)
    counted_by_many(message)
    assert fold_counters() == 0
    monkeypatch.setattr(upkeep, "MANY", 5)
    assert fold_counters() > 5
    assert counters_that_differ([message.pk]) == []


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_counts_in_is_left_and_nobody_waits() -> None:
    message = planned_message(20)
    ids = ids_of(message)
    move(ids[:5], "sending", "smtp", "")
    with transaction.atomic():
        move(ids[5:10], "sending", "smtp", "")
        finish_elsewhere = _elsewhere(lambda: finish(message))
        folded = _elsewhere(fold_counters)
        assert (finish_elsewhere, folded) == (None, 0)
    assert fold_counters() == 2
    assert counts_of([message.pk])[message.pk] == {"planned": 10, "sending": 10}


@pytest.mark.django_db(transaction=True)
def test_whoever_reads_while_it_is_counted_and_folded_never_reads_a_wrong_total() -> None:
    message = planned_message(400)
    finish(message)
    ids, over = ids_of(message), threading.Event()
    seen: list[int] = []
    workers = [threading.Thread(target=_closing(_move_all, ids[place::3])) for place in range(3)]
    watchers = [
        threading.Thread(target=_closing(_until, over, fold_counters)),
        threading.Thread(target=_closing(_until, over, lambda: seen.append(_total(message)))),
    ]
    for thread in [*watchers, *workers]:
        thread.start()
    for thread in workers:
        thread.join()
    over.set()
    for thread in watchers:
        thread.join()
    assert len(seen) > 10
    assert set(seen) == {400}
    fold_counters()
    assert counters_that_differ([message.pk]) == []
    assert counts_of([message.pk])[message.pk] == {"accepted": 400}


def test_a_pace_is_kept_for_a_day() -> None:
    message = planned_message(2)
    move(ids_of(message), "sending", "smtp", "")
    move(ids_of(message), "accepted", "smtp", "")
    now = database_now()
    assert forget_old_paces(now=now + timedelta(hours=23)) == 0
    assert MessagePace.objects.filter(message=message).exists()
    assert forget_old_paces(now=now + timedelta(hours=25)) == 1
    assert not MessagePace.objects.exists()


def test_both_are_part_of_the_clockwork() -> None:
    message = planned_message(2)
    finish(message)
    move(ids_of(message), "sending", "smtp", "")
    move(ids_of(message), "accepted", "smtp", "")
    assert TICKS["fold counters"](NOW) == 3
    assert TICKS["forget old paces"](database_now() + timedelta(days=2)) == 1


def test_the_auditor_raises_a_counter_that_lies(caplog: pytest.LogCaptureFixture) -> None:
    message = planned_message(3)
    assert not [problem for problem in watch(now=NOW) or [] if message.public_id in problem]
    MessageCounter.objects.filter(message=message).update(count=F("count") + 2)
    Installation.objects.update(watched_at=Now() - timedelta(minutes=2))
    said = f"message {message.public_id}: 3 planned by email, counted 5"
    assert said in (watch(now=NOW) or [])
    assert said in Installation.objects.get().problems
    assert f"Found by the auditor: {said}" in caplog.text


def _total(message: Message) -> int:
    return int(MessageCounter.objects.filter(message=message).aggregate(n=Sum("count"))["n"])


def _move_all(ids: list[int]) -> None:
    for start in range(0, len(ids), 10):
        for state in ("sending", "accepted"):
            move(ids[start : start + 10], state, "smtp", "")


def _until(over: threading.Event, act: Callable[[], object]) -> None:
    while not over.is_set():
        act()


def _closing(act: Callable[..., object], *given: Any) -> Callable[[], None]:
    def run() -> None:
        try:
            act(*given)
        finally:
            connection.close()

    return run


def _elsewhere(act: Callable[[], Any]) -> Any:
    """What it returns in a session of its own, within ten seconds."""
    answers: list[Any] = []
    thread = threading.Thread(target=_closing(lambda: answers.append(act())))
    thread.start()
    thread.join(timeout=10)
    return answers[0]
