"""Children are kept alive, and none is left."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.embedded.process import alive
from tools.places import SetupError
from tools.supervisor import Child, Supervisor

SLEEPS = "import time; time.sleep(60)"
HAS_A_CHILD = f"import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', '{SLEEPS}']); print(p.pid, flush=True); p.wait()"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


def child(tmp_path: Path, program: str, name: str = "some") -> Child:
    return Child(name, [sys.executable, "-c", program], dict(os.environ), tmp_path / f"{name}.log")


def eventually(condition: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def gone(pid: int) -> bool:
    """Whether the process has ended; one that only waits to be reaped by init has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return not alive(pid)


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    made = Supervisor()
    yield made
    made.stop()


@pytest.fixture
def running(supervisor: Supervisor) -> Iterator[Supervisor]:
    watch = threading.Thread(target=supervisor.run)
    watch.start()
    yield supervisor
    supervisor.stopping = True
    watch.join()


def test_a_killed_child_is_started_again_with_a_message(running: Supervisor, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worker = child(tmp_path, SLEEPS, "worker")
    running.start(worker)
    assert worker.process is not None
    first = worker.process.pid
    os.kill(first, signal.SIGKILL)
    eventually(lambda: worker.process is not None and worker.process.pid != first and worker.process.poll() is None)
    assert "The worker process ended (signal 9); starting it again in 1 s." in capsys.readouterr().err


def test_stopping_ends_grandchildren_too(supervisor: Supervisor, tmp_path: Path) -> None:
    parent = child(tmp_path, HAS_A_CHILD)
    supervisor.start(parent)
    eventually(lambda: parent.log.read_text().strip())
    grandchild = int(parent.log.read_text())
    supervisor.stop()
    eventually(lambda: gone(grandchild))


def test_a_child_that_ignores_sigterm_is_ended_after_the_grace(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.supervisor.GRACE", 0.3)
    deaf = child(tmp_path, DEAF)
    supervisor.start(deaf)
    eventually(lambda: "deaf" in deaf.log.read_text())
    process = deaf.process
    assert process is not None
    supervisor.stop()
    assert process.returncode == -signal.SIGKILL


def test_a_child_that_ends_at_once_is_reported_with_its_last_words(supervisor: Supervisor, tmp_path: Path) -> None:
    broken = child(tmp_path, "raise SystemExit('no such setting')", "web")
    broken.answers = lambda: False
    supervisor.start(broken)
    with pytest.raises(SetupError, match=r"The web process ended at once\. Its log, .*(\n.*)*no such setting"):
        supervisor.wait_until_all_answer(seconds=10)
