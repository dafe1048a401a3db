"""Real workers as processes of their own, to be killed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.sinks import ROOT

# A dead worker's window is found when its lease of three times this runs out.
MAIL_TIMEOUT = 2


@dataclass
class Worker:
    """A Celery worker with two processes that send."""

    process: subprocess.Popen[bytes]

    def children(self) -> list[int]:
        """The processes that do the work."""
        listing = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        try:
            return [int(pid) for pid in listing.read_text().split()]
        except OSError:
            return []

    def kill_one_child(self, chance: random.Random) -> bool:
        """Ends one of them as the kernel would for want of memory. Returns whether there was one."""
        children = self.children()
        if not children:
            return False
        try:
            os.kill(chance.choice(children), signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def kill_all(self) -> None:
        """Ends the worker and its children at once."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)


@contextmanager
def workers(count: int, start: Callable[[], Worker]) -> Iterator[list[Worker]]:
    """Running workers; what is in the list at the end is killed."""
    running = [start() for _ in range(count)]
    try:
        yield running
    finally:
        for worker in running:
            worker.kill_all()


def start_worker(*, environment: Mapping[str, str], smtp_port: int, log: Path) -> Worker:
    """One more; it may take some seconds until it sends. `environment` names the database and the broker."""
    command = ["-m", "celery", "-A", "statuscomms", "worker", "--concurrency", "2", "--loglevel", "INFO"]
    name = f"w{random.getrandbits(32):x}@%h"
    env = {**os.environ, **environment, "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(smtp_port), "EMAIL_TIMEOUT": str(MAIL_TIMEOUT)}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *command, "--hostname", name, "--without-mingle", "--without-gossip"],
            cwd=ROOT,
            env=env,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    return Worker(process)


def wait_until(condition: Callable[[], bool], seconds: float, what: str) -> float:
    """Returns how many seconds it took. Raises `TimeoutError`."""
    begun = time.monotonic()
    while time.monotonic() - begun < seconds:
        if condition():
            return time.monotonic() - begun
        time.sleep(0.05)
    raise TimeoutError(f"{what}: not within {seconds} s")
