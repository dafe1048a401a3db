"""A database that was restored or copied sends nothing until a person arms it; the auditor finds what is wrong."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from pytest_django import Settings
from pytest_httpserver import HTTPServer

from audit.models import Entry
from core.errors import Forbidden, InvalidInput, StepUpRequired
from notifications.models import Delivery, DeliveryRun, Installation, Message
from notifications.services import claim_and_send, guard, rows
from notifications.services.auditor import is_due, problems_found
from notifications.services.guard import Beside, arm, look
from notifications.services.send import EVERY_LANE
from statuscomms.watch import watch
from tests.support.cast import NOW, Cast
from tests.support.releases import released, subscribers
from tests.support.sinks import Sink

pytestmark = pytest.mark.django_db
LEASE = timedelta(seconds=30)


@pytest.fixture
def beside(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the file lies; each look is a real one."""
    monkeypatch.setattr(guard, "LOOK_EVERY", -1.0)
    settings.INSTALLATION_FILE = str(tmp_path / "page" / ".installation")
    yield Path(settings.INSTALLATION_FILE)
    guard._looked.clear()


def reason() -> str:
    return Installation.objects.get().disarmed_reason


def test_a_new_installation_is_armed_and_keeps_the_length_of_its_log(cast: Cast, beside: Path) -> None:
    assert look(now=NOW)
    assert look(now=NOW)
    subscribers("a@example.com")
    assert look(now=NOW)
    kept = json.loads(beside.read_text())
    assert (kept["marker"], kept["log"]) == (str(Installation.objects.get().marker), Entry.objects.count())


def test_a_look_where_all_is_well_asks_four_things(cast: Cast, beside: Path, django_assert_num_queries: Any) -> None:
    look(now=NOW)
    subscribers("a@example.com")
    with django_assert_num_queries(4):
        assert look(now=NOW)


def test_a_copy_without_the_file_sends_nothing_until_a_person_arms_it(cast: Cast, beside: Path, sink: Sink) -> None:
    assert look(now=NOW)
    subscribers("a@example.com")
    released(cast)
    beside.unlink()
    assert claim_and_send() == 0
    assert "is missing" in reason()
    assert rows.claim("email", EVERY_LANE, 10, LEASE) == []
    assert Entry.objects.filter(type="sending.disarmed").count() == 1
    before = Installation.objects.get().marker
    row = arm(actor=cast.actor("admin", stepped_up=True), now=NOW, reason="The copy is the new house.")
    assert row.marker != before
    assert json.loads(beside.read_text())["marker"] == str(row.marker)
    while claim_and_send():
        pass
    assert "a@example.com" in sink.recipients()


def test_an_older_backup_is_told_by_its_shorter_log(cast: Cast, beside: Path) -> None:
    look(now=NOW)
    guard._write(beside, Beside(str(Installation.objects.get().marker), Entry.objects.count() + 1))
    assert not look(now=NOW)
    assert "older backup" in reason()
    assert not look(now=NOW)


def test_a_backup_of_the_middle_of_a_batch_is_told_by_the_attempts_it_lacks(cast: Cast, beside: Path, sink: Sink) -> None:
    """Seen when a restored backup was played: a batch is one entry of the log, so its length alone gave nothing away."""
    subscribers("a@example.com", "b@example.com")
    released(cast)
    assert look(now=NOW)
    claim_and_send(limit=1)
    with transaction.atomic():
        assert look(now=NOW)
        earlier = json.loads(beside.read_text())
        claim_and_send(limit=1)
        assert look(now=NOW)
        later = json.loads(beside.read_text())
        transaction.set_rollback(True)
    assert later["attempt"] > earlier["attempt"] > 0
    guard._write(beside, Beside(later["marker"], earlier["log"], later["attempt"]))
    assert not look(now=NOW)
    assert "attempts to send are missing" in reason()


@pytest.mark.parametrize(
    ("what", "told"), [("marker", "another installation"), ("server", "another server"), ("spoilt", "another installation")]
)
def test_what_does_not_belong_together_is_told(cast: Cast, beside: Path, what: str, told: str) -> None:
    look(now=NOW)
    if what == "server":
        Installation.objects.update(server="123/1")
    else:
        beside.write_text("{" if what == "spoilt" else json.dumps({"marker": "x", "log": 0}))
    assert not look(now=NOW)
    assert told in reason()


def test_a_file_that_was_there_before_its_database_arms_nothing(beside: Path) -> None:
    guard._write(beside, Beside("x", 0))
    assert not look(now=NOW)


def test_arming_takes_a_person_who_may_a_fresh_password_and_a_reason(cast: Cast, beside: Path) -> None:
    for name, stepped_up, refused in (("outsider", True, Forbidden), ("comms", True, Forbidden), ("admin", False, StepUpRequired)):
        with pytest.raises(refused):
            arm(actor=cast.actor(name, stepped_up=stepped_up), now=NOW, reason="Because.")
    with pytest.raises(InvalidInput):
        arm(actor=cast.actor("admin", stepped_up=True), now=NOW, reason=" ")
    call_command("arm_sending", reason="Moved to the new machine.", verbosity=0)
    assert look(now=NOW)


def test_there_is_one_installation_and_disarming_has_a_reason() -> None:
    for values, constraint in (
        ("(2, gen_random_uuid(), '', NULL, '', '[]')", "notifications_one_installation"),
        ("(1, gen_random_uuid(), '', now(), '', '[]')", "notifications_disarmed_whole"),
    ):
        insert = "INSERT INTO notifications_installation (id, marker, server, disarmed_at, disarmed_reason, problems) VALUES"
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{insert} {values}")


def found() -> str:
    return "; ".join(problems_found(lease=LEASE))


def test_the_auditor_finds_nothing_where_all_is_well(cast: Cast, sink: Sink) -> None:
    subscribers("a@example.com", "b@example.com")
    released(cast)
    assert found() == ""
    claim_and_send(limit=1)
    assert found() == ""
    while claim_and_send():
        pass
    assert found() == ""


def test_the_auditor_finds_what_nobody_brings_to_a_worker_and_what_was_counted_wrong(cast: Cast) -> None:
    subscribers("a@example.com")
    message = Message.objects.get(release=released(cast))
    DeliveryRun.objects.filter(message=message).delete()
    assert "1 deliveries are open and no run brings them" in found()
    message.counters.update(count=F("count") + 1)
    assert f"message {message.public_id}: 1 planned by email, counted 2" in found()


def test_the_auditor_finds_who_waits_too_long_and_leases_nobody_took_back(cast: Cast) -> None:
    subscribers("regulator@example.com", kind="regulator")
    released(cast)
    DeliveryRun.objects.update(due_at=Now() - timedelta(minutes=3))
    assert "lane 0: the oldest has been due for 180 s" in found()
    DeliveryRun.objects.update(lease_until=Now() - timedelta(seconds=61))
    assert "leases ran out" in found()
    assert Delivery.objects.exists()


def test_the_outside_watch_is_told_once_a_minute_and_only_when_all_is_well(cast: Cast, settings: Settings, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/beat").respond_with_data("")
    settings.HEARTBEAT_URL = httpserver.url_for("/beat").replace("localhost", "127.0.0.1")
    assert watch(now=NOW) == []
    assert watch(now=NOW) is None
    assert len(httpserver.log) == 1
    Installation.objects.update(watched_at=Now() - timedelta(minutes=2))
    subscribers("regulator@example.com", kind="regulator")
    released(cast)
    DeliveryRun.objects.update(due_at=Now() - timedelta(minutes=3))
    assert watch(now=NOW)
    assert len(httpserver.log) == 1
    row = Installation.objects.get()
    assert row.problems
    assert row.passed_at is not None
    assert not is_due()
