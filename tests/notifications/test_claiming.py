"""Two workers at once, on two real connections."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from notifications.models import Delivery
from notifications.services import rows
from statuscomms import ticks
from tests.support.cast import NOW, Cast
from tests.support.releases import released, subscribers

LEASE = timedelta(seconds=30)


def elsewhere(found: list[rows.Held]) -> None:
    """Claims on another connection, and commits."""
    found.extend(rows.claim("email", 100, LEASE))
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_what_one_worker_is_claiming_another_skips_without_waiting(cast: Cast) -> None:
    subscribers(*(f"reader{number}@example.com" for number in range(10)))
    released(cast)
    total = Delivery.objects.count()
    theirs: list[rows.Held] = []
    with transaction.atomic():
        ours = rows.claim("email", 4, LEASE)
        other = threading.Thread(target=elsewhere, args=(theirs,))
        other.start()
        other.join(10)
        assert not other.is_alive()
    assert (len(ours), len(theirs)) == (4, total - 4)
    assert {held.id for held in ours}.isdisjoint({held.id for held in theirs})


@pytest.mark.django_db
def test_a_claim_is_fenced_and_leased_by_the_databases_clock(cast: Cast) -> None:
    subscribers("anna@example.com")
    released(cast)
    first = rows.claim("email", 100, LEASE)
    assert rows.claim("email", 100, LEASE) == []
    rows.give_back(first)
    second = rows.claim("email", 100, LEASE)
    assert {held.id for held in second} == {held.id for held in first}
    assert all(held.fence == 2 for held in second)
    assert rows.open_attempts(first, LEASE) == {}


def test_a_tick_that_fails_does_not_keep_the_others_from_running(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[object] = []

    def fail(now: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(ticks, "close_old_connections", lambda: None)
    monkeypatch.setattr(ticks, "TICKS", {"first": fail, "second": heard.append})
    assert ticks.run_ticks(lambda: NOW) is False
    assert heard == [NOW]
