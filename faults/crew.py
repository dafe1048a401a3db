"""The workers of a run, which a supervisor starts anew when they end."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.sinks import ROOT
from tests.support.workers import Worker

COMMAND = [sys.executable, "-m", "faults.worker", "--concurrency", "2", "--loglevel", "INFO", "--without-mingle", "--without-gossip"]

MOST_FAILURES = 10


@dataclass
class Crew:
    """Running workers, each with two processes that send."""

    workers: list[Worker]
    start: Callable[[], Worker]
    failures: int = 0

    def keep(self) -> None:
        """Celery gives up where a process of its pool dies while it starts; a supervisor starts it anew."""
        for place, worker in enumerate(self.workers):
            status = worker.process.poll()
            if status is not None:
                self.failures += status > 0
                if self.failures > MOST_FAILURES:
                    raise RuntimeError("workers end by themselves again and again")
                self.workers[place] = self.start()

    def children(self) -> list[int]:
        """The processes that send."""
        return [pid for worker in self.workers for pid in worker.children()]

    def kill_one(self, chance: random.Random, *, whole: bool) -> bool:
        """Ends a process that sends, or a `whole` worker with all of its own. Returns whether there was one."""
        self.keep()
        worker = chance.choice(self.workers)
        if not whole:
            return worker.kill_one_child(chance)
        worker.kill_all()
        self.keep()
        return True

    def signal(self, number: signal.Signals, pids: list[int]) -> None:
        """Sends it to those that are still there."""
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


@contextmanager
def crew(count: int, *, environment: Mapping[str, str], log: Path) -> Iterator[Crew]:
    """`count` workers; none is left at the end."""

    def start() -> Worker:
        name = f"--hostname=f{random.getrandbits(32):x}@%h"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [*COMMAND, name], cwd=ROOT, env={**os.environ, **environment}, stdout=output, stderr=output, start_new_session=True
            )
        return Worker(process)

    running = Crew([start() for _ in range(count)], start)
    try:
        yield running
    finally:
        for worker in running.workers:
            worker.kill_all()
