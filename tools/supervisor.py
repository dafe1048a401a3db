"""Keeps a set of processes alive until told to stop, and then ends every one of them."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.embedded.errors import EmbeddedError
from core.embedded.postgres import PostgreSQL
from core.embedded.process import start, tail
from core.embedded.valkey import Valkey
from tools.places import ROOT, SetupError, say

GRACE = 8.0  # seconds between asking a process to end and ending it
SOON = 5.0  # a process that ended within so many seconds of its start is not started again at once
LONGEST_PAUSE = 20.0


@dataclass(slots=True)
class Child:
    """One process: how to start it, and whether it answers yet."""

    name: str
    command: Sequence[str | Path]
    env: Mapping[str, str]
    log: Path
    answers: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 0.0
    due: float | None = None

    def start(self) -> None:
        self.process = start(self.command, log=self.log, ending=signal.SIGTERM, env=self.env, cwd=ROOT)
        self.started, self.due = time.monotonic(), None

    def log_end(self) -> str:
        return tail(self.log)


@dataclass(slots=True)
class Supervisor:
    """The children, and the servers below them."""

    servers: Sequence[PostgreSQL | Valkey] = ()
    children: list[Child] = field(default_factory=list)
    stopping: bool = False

    def start(self, child: Child) -> None:
        self.children.append(child)
        child.start()

    def wait_until_all_answer(self, seconds: float = 90) -> None:
        """Return when every child answers. Raises SetupError with the end of its log where one ends or never does."""
        deadline = time.monotonic() + seconds
        for child in self.children:
            while not child.answers():
                ended = child.process is not None and child.process.poll() is not None
                if ended or time.monotonic() > deadline:
                    what = "ended at once" if ended else "does not answer"
                    raise SetupError(f"The {child.name} process {what}. Its log, {child.log}, ends:\n{child.log_end()}")
                time.sleep(0.05)

    def run(self) -> None:
        """Watch over everything until `stopping`."""
        while not self.stopping:
            for server in self.servers:
                self._revive(server)
            for child in self.children:
                self._look_after(child)
            time.sleep(0.2)

    def stop(self) -> None:
        """Ask every child to end, and after a grace period end what is left, whole process groups at a time."""
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    process.terminate()
        deadline = time.monotonic() + GRACE
        while any(process.poll() is None for process in running) and time.monotonic() < deadline:
            time.sleep(0.05)
        for process in running:
            _end_group(process)
        self.children.clear()

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is not None and child.process.poll() is not None and child.due is None:
            status = child.process.returncode
            _end_group(child.process)
            child.pause = min(LONGEST_PAUSE, max(1.0, child.pause * 2)) if now - child.started < SOON else 0.0
            child.due = now + child.pause
            how = f"signal {-status}" if status < 0 else f"status {status}"
            say(f"The {child.name} process ended ({how}); starting it again{f' in {child.pause:.0f} s' if child.pause else ''}.")
        if child.due is not None and now >= child.due and not self.stopping:
            child.start()

    def _revive(self, server: PostgreSQL | Valkey) -> None:
        if server.pid is not None:
            return
        say(f"{type(server).__name__} ended; starting it again.")
        try:
            server.start()
        except EmbeddedError as error:
            say(str(error))
            time.sleep(1)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End what is left of a child's process group: its own children may have outlived it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
