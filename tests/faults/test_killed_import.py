"""A worker killed by the kernel again and again while a list is compared and written: no row is lost and none is done twice."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from catalogue.models import Component
from core.clock import utc_now
from stakeholders.models import ContactPoint, RegisterImport, Stakeholder
from stakeholders.services import start_apply, start_check, start_undo, take_file
from tests.support.cast import Cast
from tests.support.databases import address_of_test_database
from tests.support.lists import customers
from tests.support.sinks import ROOT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

WORKER = """
import django
django.setup()
from catalogue.models import Component
from core.clock import utc_now
from stakeholders.services import work_off_imports
print("ready", flush=True)
while True:
    work_off_imports(now=utc_now(), seconds=1.0)
"""
OPTIONS = {"kind": "", "country": "", "audiences": ["customers"], "consent": False, "confirm": False}


def killed_until(done: Callable[[], bool], folder: Path, chance: random.Random) -> int:
    """Starts a worker and kills it a moment after it began to work, until everything is done; returns how many were killed."""
    env = os.environ | {
        "DATABASE_URL": address_of_test_database(),
        "DJANGO_SETTINGS_MODULE": "statuscomms.settings.test",
        "STATUSPAGE_DIR": str(folder / "page"),
    }
    kills, deadline = 0, time.monotonic() + 600
    while not done():
        assert time.monotonic() < deadline, "it does not come to an end"
        with subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env=env, stdout=subprocess.PIPE) as worker:
            assert worker.stdout is not None
            assert worker.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0.2, 5))
            worker.kill()
        kills += 1
    return kills


def test_a_list_comes_in_and_goes_again_whoever_is_killed(cast: Cast, tmp_path: Path) -> None:
    Component.objects.create(key="checkout", name="Checkout", is_public=True, created_at=utc_now(), updated_at=utc_now())
    made_up, chance, actor = customers(3000, faults=40, duplicates=40), random.Random(20260302), cast.actor("comms")
    taken = take_file(actor=actor, now=utc_now(), file=made_up.file(), name="list.csv")

    def is_at(state: str) -> Callable[[], bool]:
        return lambda: RegisterImport.objects.filter(pk=taken.pk, state=state).exists()

    start_check(actor=actor, now=utc_now(), taken=taken, mapping=taken.mapping, options=OPTIONS)
    kills = killed_until(is_at("checked"), tmp_path, chance)
    taken.refresh_from_db()
    new = taken.counts["new"]
    assert new + taken.counts["merged"] + taken.counts["error"] == 3000
    start_apply(actor=actor, now=utc_now(), taken=taken)
    kills += killed_until(is_at("done"), tmp_path, chance)
    assert Stakeholder.objects.count() == Stakeholder.objects.values("external_id").distinct().count() == new == made_up.new
    assert ContactPoint.objects.count() == new + made_up.merged
    start_undo(actor=actor, now=utc_now(), taken=taken)
    kills += killed_until(is_at("undone"), tmp_path, chance)
    assert not Stakeholder.objects.exists()
    assert kills >= 3, "at least one in each step"
