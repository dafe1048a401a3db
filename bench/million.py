"""``million``: one update to 1,000,000 subscribers: planned, sent, paused, gone on with, and cancelled half way. No yardstick.

Twenty regulators are among the readers: how long after the release the first and the last of them had their letter, while the rest was
being planned. Processes and database are looked at every second: their proportional memory (pages that several share are divided among
them) at a tenth of the letters and at its highest. With `BENCH_PORT` the console answers on that port meanwhile (user *commander*).
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import bench.crowd  # noqa: F401 # isort: skip - imported for its effect: models can be imported only after it

from django.db import connection

from accounts.actors import Actor, person
from accounts.models import User
from bench.crowd import crowd, regulators
from bench.mail_sink import mail_sink
from bench.scene import Staff, approve, installation, release, staff
from bench.support import not_measured, process_tree, program
from core.clock import utc_now
from notifications.models import Delivery, Message
from notifications.queries.counts import counts_of
from notifications.rules.states import Lane
from notifications.services import cancel_message, pause_message, resume_message
from tests.support.sinks import ROOT
from tests.support.workers import start_worker, wait_until

READERS = int(os.environ.get("BENCH_READERS", "1000000"))
REGULATORS = 20
_PATIENCE = 1800


@dataclass
class Memory:
    """Proportional memory in MB of the tree of each process: now and at its highest."""

    roots: Mapping[str, int]
    now: dict[str, float] = field(default_factory=dict)
    peak: dict[str, float] = field(default_factory=dict)

    def look(self) -> None:
        for name, root in self.roots.items():
            self.now[name] = sum(_proportional_mb(pid) for pid in process_tree(root))
            self.peak[name] = max(self.peak.get(name, 0.0), self.now[name])


def main() -> bool:
    """Print the lines `bench million.STEP`."""
    sink = program("smtp-sink")
    if sink is None:
        not_measured("million", "Postfix (smtp-sink)")
        return False
    with tempfile.TemporaryDirectory(prefix="bench-million-") as scratch, installation() as environment, mail_sink(sink) as port:
        environment |= {"STATUSPAGE_DIR": str(Path(scratch, "page"))}
        crowd(READERS - REGULATORS)
        regulators(REGULATORS)
        people = staff()
        with ExitStack() as stack:
            roots = {"database": _postmaster()}
            if web := os.environ.get("BENCH_PORT"):
                roots["web"] = stack.enter_context(_console(environment, web, Path(scratch, "web.log")))
            worker = start_worker(environment=environment, smtp_port=port, log=Path(scratch, "worker.log"))
            stack.callback(worker.kill_all)
            roots["workers"] = worker.process.pid
            memory = stack.enter_context(_watched(Memory(roots)))
            _play(people, memory)
    return True


def _play(people: Staff, memory: Memory) -> None:
    now = utc_now()
    approved = approve(people, now)
    wait_until(lambda: not Message.objects.filter(finished_at__isnull=True).exists(), _PATIENCE, "the notices to reviewers")
    begun = time.monotonic()
    message = release(people, approved, now)
    returned = time.monotonic() - begun
    first = wait_until(lambda: _told_first(message) > 0, _PATIENCE, "the first regulator") + returned
    last = wait_until(lambda: _told_first(message) == REGULATORS, _PATIENCE, "the last regulator") + first
    _say("released", returned_s=returned, first_regulator_s=first, last_regulator_s=last, planned=sum(_states(message).values()))
    wait_until(lambda: Message.objects.filter(pk=message.pk, planned_at__isnull=False).exists(), _PATIENCE, "the whole plan")
    _say("planned", seconds=time.monotonic() - begun, planned=sum(_states(message).values()), accepted=_accepted(message))
    wait_until(lambda: _accepted(message) >= READERS // 10, _PATIENCE, "a tenth")
    early = dict(memory.now)
    wait_until(lambda: _accepted(message) >= READERS // 4, _PATIENCE, "a quarter")
    asked = time.monotonic()
    pause_message(actor=_commander(), now=utc_now(), message_id=message.public_id)
    wait_until(lambda: not _states(message).get("sending", 0), _PATIENCE, "what was on its way")
    stopped, at_pause = time.monotonic() - asked, _accepted(message)
    time.sleep(10)
    _say("paused", still_after_s=stopped, accepted=at_pause, sent_while_paused=_accepted(message) - at_pause)
    resume_message(actor=_commander(), now=utc_now(), message_id=message.public_id)
    wait_until(lambda: _accepted(message) >= READERS // 2, _PATIENCE, "half")
    rate = _accepted(message) / (time.monotonic() - begun - 10 - stopped)
    asked, before = time.monotonic(), _accepted(message)
    cancel_message(actor=_commander(), now=utc_now(), message_id=message.public_id, reason="Half of them have read enough.")
    wait_until(lambda: Message.objects.filter(pk=message.pk, finished_at__isnull=False).exists(), _PATIENCE, "the end")
    states = _states(message)
    _say("cancelled", settled_after_s=time.monotonic() - asked, sent_after_asking=states["accepted"] - before, **states)
    _say("whole", seconds=time.monotonic() - begun, letters_per_s=rate, database_mb=_database_mb())
    for name, peak in memory.peak.items():
        _say("memory." + name, at_a_tenth_mb=early.get(name, 0.0), peak_mb=peak)


def _commander() -> Actor:
    """Signed in just now: a release to a million takes longer than a password counts for."""
    return person(User.objects.get(username="commander"), stepped_up_at=utc_now())


def _say(step: str, **figures: object) -> None:
    told = " ".join(f"{name}={value:.2f}" if isinstance(value, float) else f"{name}={value}" for name, value in figures.items())
    print(f"bench million.{step} {told}", flush=True)


def _states(message: Message) -> Mapping[str, int]:
    return counts_of([message.pk])[message.pk]


def _accepted(message: Message) -> int:
    return _states(message).get("accepted", 0)


def _told_first(message: Message) -> int:
    return Delivery.objects.filter(message=message, lane=Lane.FIRST, state="accepted").count()


def _database_mb() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return float(cursor.fetchone()[0]) / 1e6


def _postmaster() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = int(cursor.fetchone()[0])
    return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])


def _proportional_mb(pid: int) -> float:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) * 1024 / 1e6


@contextmanager
def _watched(memory: Memory) -> Iterator[Memory]:
    """Its figures looked at every second."""
    over = threading.Event()

    def watching() -> None:
        while not over.wait(1.0):
            memory.look()

    watcher = threading.Thread(target=watching, daemon=True)
    watcher.start()
    try:
        yield memory
    finally:
        over.set()
        watcher.join(10)


@contextmanager
def _console(environment: Mapping[str, str], port: str, log: Path) -> Iterator[int]:
    user = User.objects.get(username="commander")
    user.set_password("demo")
    user.save()
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "statuscomms.wsgi"]
    env = {**os.environ, **environment, "DJANGO_SETTINGS_MODULE": "bench.console_settings"}
    with log.open("wb") as output:
        process = subprocess.Popen([*command, "--bind", f"127.0.0.1:{port}"], cwd=ROOT, env=env, stdout=output, stderr=output)
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(15)
