"""Workers without their broker. What else is broken on purpose: `faults/`, played by `test_programme.py`."""

import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from core.embedded.services import throw_away
from core.embedded.valkey import Valkey
from notifications.models import Delivery, Message
from tests.support.cast import Cast
from tests.support.databases import address_of_test_database
from tests.support.releases import released, subscribers
from tests.support.sinks import read_journal, sink_process
from tests.support.workers import start_worker, wait_until, workers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    """A broker of this test's own, to be killed."""
    with throw_away(environ={"DATABASE_URL": "not wanted"}) as services:
        assert services.valkey is not None
        yield services.valkey


def environment(redis_url: str, folder: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": address_of_test_database(),
        "REDIS_URL": redis_url,
        "STATUSPAGE_DIR": str(folder / "page"),
        "DJANGO_SETTINGS_MODULE": "statuscomms.settings.test",
    }


def test_a_worker_that_never_finds_its_broker_sends_all_the_same(cast: Cast, tmp_path: Path) -> None:
    subscribers(*(f"reader{number}@example.com" for number in range(20)))
    message = Message.objects.get(release=released(cast))
    journal = tmp_path / "journal"
    journal.touch()
    nowhere = environment("unix:///nonexistent/valkey.sock?db=0", tmp_path)
    log = tmp_path / "worker.log"
    with sink_process(journal) as port, workers(1, partial(start_worker, environment=nowhere, smtp_port=port, log=log)):
        wait_until(lambda: not Delivery.objects.filter(message=message).exclude(state="accepted").exists(), 60, "all letters")
    assert set(read_journal(journal).values()) == {1}


def test_processes_that_die_while_the_broker_is_away_are_replaced_and_send(cast: Cast, valkey: Valkey, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.touch()
    start = partial(start_worker, environment=environment(valkey.url, tmp_path), log=tmp_path / "worker.log")
    with sink_process(journal) as port, workers(1, partial(start, smtp_port=port)) as (worker,):
        wait_until(lambda: "ready." in (tmp_path / "worker.log").read_text(), 60, "the worker")
        valkey.kill()
        first = worker.children()
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: len(set(worker.children()) - set(first)) == len(first), 60, "new processes")
        subscribers(*(f"reader{number}@example.com" for number in range(20)))
        message = Message.objects.get(release=released(cast))
        wait_until(lambda: not Delivery.objects.filter(message=message).exclude(state="accepted").exists(), 60, "all letters")
