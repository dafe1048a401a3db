"""The broker killed, flushed, and alive without answering. Each time an update is released meanwhile; its first letter is timed."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from faults.account import Account
from faults.stage import Stage

SEED = 20261104
ROWS, SHORT, MESSAGES = 51_000, 600, 3
LONGEST_DELAY = 5.0


def play(stage: Stage) -> Account:
    """One release per way of losing it, and while it goes out nothing is repaired but after half of its letters."""
    with stage.mail(), stage.workers():
        stage.until(lambda: "Polling every" in (stage.folder / "workers.log").read_text(), "the workers", 90)
        for way in (_killed, _flushed, _silent):
            title = f"The broker is {way.__name__[1:]}"
            before = len(stage.journal.accepted(stage.titles))
            with way(stage):
                stage.release(title)
                released = time.time()
                stage.until(lambda title=title: bool(stage.journal.accepted({title})), "the first letter")  # type: ignore[misc]  # bound per turn
                delay = stage.journal.accepted({title})[0].at - released
                stage.notes.append(f"{way.__name__[1:]}: first letter after {max(delay, 0):.2f} s")
                if delay > LONGEST_DELAY:
                    stage.broken.append(f"the first letter took {delay:.1f} s while the broker was {way.__name__[1:]}")
                stage.until_heard(before + len(stage.addresses) // 2)
            stage.hurt()
        stage.until_finished()
    return stage.account()


@contextmanager
def _killed(stage: Stage) -> Iterator[None]:
    stage.valkey.kill()
    yield
    stage.valkey.start()


@contextmanager
def _flushed(stage: Stage) -> Iterator[None]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.connect(str(stage.valkey.socket_path))
        line.sendall(b"FLUSHALL\r\n")
        if not line.recv(64).startswith(b"+OK"):
            raise RuntimeError("The broker was not flushed.")
    yield


@contextmanager
def _silent(stage: Stage) -> Iterator[None]:
    """It takes connections and says nothing, as behind a broken network."""
    pid = stage.valkey.pid
    if pid is None:
        raise RuntimeError("The broker does not run.")
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
