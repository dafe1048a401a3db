"""The demo itself, started as a person starts it: every line it prints is used."""

import os
import signal
import subprocess
import sys
import time
from base64 import b32decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from core.embedded.process import command_line
from tests.support.folders import open_to_nobody
from tools import ports
from tools.places import ROOT

pytestmark = pytest.mark.slow

READY_WITHIN = 120.0


@dataclass
class Demo:
    """A running `run.py demo`."""

    process: subprocess.Popen[str]
    port: int
    page_port: int
    data: Path
    lines: list[str]

    def descendants(self) -> list[int]:
        """Every process of this demo, recognised by its data folder, socket folder or ports in the command line."""
        marks = (str(self.data), f"demo-{self.port}@", f":{self.port}", f"--port {self.page_port}")
        numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        own = {self.process.pid, os.getpid()}
        return [number for number in numbers if number not in own and any(mark in command_line(number) for mark in marks)]

    def errors(self) -> str:
        return (self.data.parent / f"{self.port}.err").read_text()


def command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "run.py"), *arguments]


def clean() -> dict[str, str]:
    """The environment without the suite's own servers and settings: the demo starts its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DJANGO", "DATABASE_URL", "REDIS_URL"))}
    return kept | {"PYTHONUNBUFFERED": "1"}


def start(data: Path, port: int, page_port: int) -> Demo:
    """Start, and read the lines until it is ready."""
    arguments = command("demo", "--port", str(port), "--page-port", str(page_port), "--data", str(data))
    errors = data.parent / f"{port}.err"
    with errors.open("a") as stderr:
        process = subprocess.Popen(arguments, env=clean(), stdout=subprocess.PIPE, stderr=stderr, text=True)
    assert process.stdout is not None
    lines: list[str] = []
    deadline = time.monotonic() + READY_WITHIN
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if line.startswith("hook ") or time.monotonic() > deadline:
            break
    assert lines, errors.read_text()
    return Demo(process, port, page_port, data, lines)


def stop(demo: Demo, number: signal.Signals = signal.SIGTERM) -> int:
    demo.process.send_signal(number)
    status = demo.process.wait(40)
    assert demo.process.stdout is not None
    demo.process.stdout.close()
    return status


def manage(data: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command("manage", "--data", str(data), *arguments), env=clean(), capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    with open_to_nobody() as folder:
        started = start(folder / "data", ports.any_free(), ports.any_free())
        yield started
        if started.process.poll() is None:
            stop(started)


def test_the_first_lines_say_where_everything_is(demo: Demo) -> None:
    assert demo.lines[:2] == [f"ready http://127.0.0.1:{demo.port}", f"page http://127.0.0.1:{demo.page_port}"]
    names = [line.split(" ")[1] for line in demo.lines if line.startswith("login ")]
    assert names == [
        "admin", "commander", "techlead", "comms", "legal", "auditor", "techlead2", "comms2", "pr", "arbiter", "override", "manager",
        "outsider",
    ]  # fmt: skip
    assert demo.lines[2 : 2 + len(names)] == [f"login {name} demo" for name in names]
    after = demo.lines[2 + len(names) : -1]
    assert [line.rpartition(" ")[0] for line in after] == ["totp admin", "totp commander", "totp override"]
    assert all(len(b32decode(line.rpartition(" ")[2])) >= 20 for line in after)
    word, source, address, token = demo.lines[-1].split(" ")
    assert (word, source) == ("hook", "alertmanager")
    assert address == f"http://127.0.0.1:{demo.port}/hooks/alertmanager/"
    assert len(token) >= 20


def test_localhost_answers_too_and_the_root_leads_to_the_console(demo: Demo) -> None:
    with urlopen(f"http://localhost:{demo.port}/") as answer:
        assert answer.status == 200
        assert "/accounts/login/?next=/console/" in answer.url
    with urlopen(f"http://127.0.0.1:{demo.page_port}/") as answer:
        assert answer.status == 200


def test_manage_prints_what_the_command_prints_and_nothing_else(demo: Demo) -> None:
    done = manage(demo.data, ["audit_verify"])
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ok size=")
    assert done.stdout.count("\n") == 1


def test_a_second_demo_on_the_same_folder_is_refused(demo: Demo) -> None:
    arguments = ["demo", "--port", str(ports.any_free()), "--page-port", str(ports.any_free()), "--data", str(demo.data)]
    done = subprocess.run(command(*arguments), env=clean(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"A demo runs on {demo.data} already" in done.stderr


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are found through /proc")
def test_a_killed_process_comes_back_a_stop_ends_them_all_and_the_next_start_goes_on(demo: Demo) -> None:
    page = next(number for number in demo.descendants() if "statuspage.page_process" in command_line(number))
    os.kill(page, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while "page process ended (signal 9)" not in demo.errors():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    before = manage(demo.data, ["audit_verify"]).stdout
    assert stop(demo) == 0
    assert demo.descendants() == []
    down = manage(demo.data, ["audit_verify"])
    assert down.returncode == 0
    assert down.stdout.startswith("ok ")
    again = start(demo.data, demo.port, demo.page_port)
    try:
        assert again.lines == demo.lines
        after = manage(demo.data, ["audit_verify"]).stdout
        assert size(after) >= size(before)
    finally:
        assert stop(again, signal.SIGINT) == 0


def size(said: str) -> int:
    return int(said.split("size=")[1].split(maxsplit=1)[0])
