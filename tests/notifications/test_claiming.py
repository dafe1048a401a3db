"""Two workers at once, on two real connections."""

import threading
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction

from core.clock import utc_now
from notifications.models import DeliveryRun, Message
from notifications.services import rows
from notifications.services.send import EVERY_LANE
from notifications.services.window import Messages, open_window
from statuscomms import ticks
from tests.support.cast import NOW, Cast
from tests.support.releases import released, subscribers

LEASE = timedelta(seconds=30)


def claim(deliveries: int) -> list[rows.Run]:
    return rows.claim("email", EVERY_LANE, deliveries, LEASE)


def elsewhere(found: list[rows.Run]) -> None:
    """Claims on another connection, and commits."""
    found.extend(claim(100))
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_what_one_worker_is_claiming_another_skips_without_waiting(cast: Cast) -> None:
    subscribers(*(f"reader{number}@example.com" for number in range(10)))
    for _ in range(2):
        released(cast)
    runs = set(DeliveryRun.objects.values_list("id", flat=True))
    theirs: list[rows.Run] = []
    with transaction.atomic():
        ours = claim(1)
        # So many it looked at, and holds for this one statement's transaction alone.
        other = threading.Thread(target=elsewhere, args=(theirs,))
        other.start()
        other.join(10)
        assert not other.is_alive()
    assert len(ours) == 1
    assert {run.id for run in ours}.isdisjoint({run.id for run in theirs})
    assert {run.id for run in (*ours, *theirs, *claim(1000))} == runs


@pytest.mark.django_db
def test_a_claim_is_fenced_and_leased_by_the_databases_clock(cast: Cast) -> None:
    subscribers("anna@example.com")
    released(cast)
    first = claim(100)
    assert claim(100) == []
    rows.let_go(first)
    second = claim(100)
    assert {run.id for run in second} == {run.id for run in first}
    assert all(run.fence == 2 for run in second)
    messages = Messages(Message.objects.in_bulk({run.message for run in first}))
    assert open_window(first, messages, limit=100, lease=LEASE, provider="smtp") == ([], 0)
    rows.let_go(first)
    assert DeliveryRun.objects.filter(lease_until__isnull=False).count() == len(second)


@pytest.mark.django_db
def test_ticks_read_the_databases_clock_whatever_the_machines_own_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker an hour fast would let a planned release out an hour early."""
    heard: list[datetime] = []
    monkeypatch.setattr(ticks, "close_old_connections", lambda: None)
    monkeypatch.setattr(ticks, "TICKS", {"only": heard.append})
    right = utc_now()
    with time_machine.travel(right + timedelta(hours=1)):
        ticks.run_ticks()
    assert abs(heard[0] - right) < timedelta(minutes=1)


def test_a_tick_that_fails_does_not_keep_the_others_from_running(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[object] = []

    def fail(now: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(ticks, "close_old_connections", lambda: None)
    monkeypatch.setattr(ticks, "TICKS", {"first": fail, "second": heard.append})
    assert ticks.run_ticks(lambda: NOW) is False
    assert heard == [NOW]
