"""``task_per_mail``: one update let out by the engine beside one Celery task for each reader, in turns, into the same smtp-sink."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

from bench.letters import PATIENCE, let_out
from bench.mail_sink import mail_sink
from bench.scene import installation, staff, subscribe
from bench.support import Round, cpu_per_1000, cpu_seconds, not_measured, peak_mb, program, report
from tests.support.sinks import ROOT
from tests.support.workers import start_worker, wait_until

READERS = int(os.environ.get("BENCH_READERS", "100000"))
# What the yardstick sends in a turn: its rate does not depend on the number.
_TASKS = max(200, READERS // 50)
_ROUNDS = 5
_WORDS = "Some payments fail since this morning. We found the cause and are rolling back the change.\n\n" * 6


def main() -> bool:
    """Measure and print; either side has two processes that send, and its turn ends with the last letter."""
    sink = program("smtp-sink")
    if sink is None:
        not_measured("task_per_mail", "Postfix (smtp-sink)")
        return False
    with tempfile.TemporaryDirectory(prefix="bench-tasks-") as scratch, installation() as environment, mail_sink(sink) as port:
        environment |= {"STATUSPAGE_DIR": str(Path(scratch, "page"))}
        people = staff()
        subscribe(READERS)
        ours, theirs = [], []
        worker = start_worker(environment=environment, smtp_port=port, log=Path(scratch, "worker.log"))
        try:
            with _tasks_worker(environment, port, Path(scratch, "tasks.log")) as pid:
                # The first turn warms both up and is not counted.
                for turn in range(_ROUNDS + 1):
                    mine, _ = let_out(people, worker.process.pid, READERS)
                    other = _theirs(pid, _TASKS)
                    if turn:
                        ours.append(mine)
                        theirs.append(other)
                peak = peak_mb(worker.process.pid)
        finally:
            worker.kill_all()
    note = (
        f"{READERS} letters by the engine, {_TASKS} by tasks; {_ROUNDS} rounds; a task per letter cpu_s_per_1000={cpu_per_1000(theirs):.3f}"
    )
    report("task_per_mail", ours, theirs, peak_mb=peak, note=note)
    return True


@contextmanager
def _tasks_worker(environment: Mapping[str, str], port: int, log: Path) -> Iterator[int]:
    env = {**os.environ, **environment, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port)}
    command = [sys.executable, "-m", "celery", "-A", "bench.mail_tasks", "worker", "--concurrency", "2", "--loglevel", "WARNING"]
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output, start_new_session=True)
    try:
        yield process.pid
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _theirs(pid: int, number: int) -> Round:
    """From the first task put in line to the last letter sent."""
    # Its application reads the environment when it is imported.
    from bench.mail_tasks import SENT, send  # noqa: PLC0415

    broker = Redis.from_url(os.environ["REDIS_URL"])
    broker.delete(SENT)
    before, begun = cpu_seconds(pid), time.monotonic()
    for n in range(number):
        send.delay(f"reader{n}@example.com", "Checkout is failing", _WORDS, f"<p>{_WORDS}</p>")
    wait_until(lambda: int(broker.get(SENT) or 0) >= number, PATIENCE, "the last task")
    return Round(number / (time.monotonic() - begun), number, cpu_seconds(pid) - before)
