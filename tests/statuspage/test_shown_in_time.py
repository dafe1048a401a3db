"""From release to reader: real database, real files, the real page process, and a publisher that ticks."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction

from audit.services.verify import verify_log
from catalogue.models import Component
from catalogue.rules.status import ComponentStatus
from catalogue.services import set_component_status
from core.clock import utc_now
from statuspage import snapshot
from statuspage.models import PageChange, PageState
from statuspage.services import project_component, publish_if_needed, publish_snapshot
from tests.statuspage.acts import TITLE, say_publicly
from tests.statuspage.serving import ask, page_process, wait_until
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component, make_incident

pytestmark = pytest.mark.django_db(transaction=True)


@contextmanager
def publisher(every: float) -> Iterator[None]:
    """A worker's clockwork, on a connection of its own."""
    stop = threading.Event()

    def tick() -> None:
        try:
            while not stop.wait(every):
                publish_if_needed(now=utc_now())
        finally:
            connection.close()

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_release_is_read_from_the_page_within_two_seconds_and_stays_when_everything_else_stops(folder: Path, cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"))
    publish_snapshot(now=utc_now())
    with page_process(folder) as port:
        assert TITLE.encode() not in ask(port, "/").text()
        # Nudged workers publish at once; the tick alone, the slowest way, has to be quick enough.
        with publisher(every=1.0):
            say_publicly(cast, incident)
            took = wait_until(lambda: TITLE.encode() in ask(port, "/").text(), seconds=2.0)
        assert took < 2.0
        # From here on nobody publishes and nobody reads the database.
        assert TITLE.encode() in ask(port, f"/incidents/{incident.public_id}").text()
        assert ask(port, "/api/v2/summary.json").status == 200
        assert ask(port, "/healthz").status == 200


def test_publishers_that_run_together_number_their_versions_and_the_newest_state_wins(folder: Path, cast: Cast) -> None:
    components = [make_component(key=f"part-{number}") for number in range(4)]
    make_rounds = 3

    def publish() -> None:
        for _ in range(make_rounds):
            publish_snapshot(now=NOW)

    def change() -> None:
        for component in components:
            set_component_status(actor=cast.system(), now=NOW, component=component, status=ComponentStatus.MAJOR_OUTAGE)
            time.sleep(0.02)

    in_parallel(publish, publish, change)
    publish_if_needed(now=NOW)
    found = snapshot.current(folder)
    assert found is not None
    assert PageState.objects.get().seq == found.seq
    assert not PageChange.objects.exists()
    assert b"Major Service Outage" in (found.path / "api" / "v2" / "status.json").read_bytes()
    assert verify_log().bad_index is None


def test_changes_made_together_do_not_wait_for_each_other_or_for_the_publisher(folder: Path, cast: Cast) -> None:
    ours, theirs = make_component(key="ours"), make_component(key="theirs")
    publish_if_needed(now=NOW)
    with_both_open = threading.Barrier(2, timeout=5)

    def change(component: Component) -> None:
        with transaction.atomic():
            project_component(component_id=component.pk, now=NOW)
            with_both_open.wait()
            in_parallel(lambda: publish_snapshot(now=NOW))

    in_parallel(lambda: change(ours), lambda: change(theirs))
    assert PageChange.objects.count() == 2


def in_parallel(*jobs: Callable[[], object]) -> None:
    failures: list[BaseException] = []

    def closing(job: Callable[[], object]) -> None:
        try:
            job()
        except BaseException as failure:  # noqa: BLE001 - told by the main thread
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=closing, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
        assert not thread.is_alive()
    assert not failures, failures
