"""The fault programme in its short form, as `run.py faults --short` plays it: one scenario in every run, all when asked for."""

import os
import pkgutil
import re
import subprocess
import sys

import pytest

from faults import scenarios
from tests.support.asked_for import when_asked_for
from tests.support.sinks import ROOT

pytestmark = pytest.mark.slow

LINE = re.compile(r"^fault (\w+) planned=\d+ accepted=\d+ lost=\d+ doubled=\d+ ambiguous=\d+ recovery_s=\d+\.\d$", re.MULTILINE)
NAMES = sorted(module.name for module in pkgutil.iter_modules(scenarios.__path__))


def test_what_costs_a_letter_soonest_costs_none(capsys: pytest.CaptureFixture[str]) -> None:
    play(capsys, "kill_random")


@when_asked_for("the other scenarios")
def test_every_scenario_loses_nothing_and_keeps_its_rules(capsys: pytest.CaptureFixture[str]) -> None:
    play(capsys, *NAMES)


def play(capsys: pytest.CaptureFixture[str], *names: str) -> None:
    """Those scenarios in their short form: each is told in one line, and keeps its rules."""
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    done = subprocess.run(
        [sys.executable, "-m", "faults", *names, "--short"], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=1800
    )
    with capsys.disabled():
        print(f"\n{done.stdout}")  # noqa: T201 - the figures of every run are shown
    assert done.returncode == 0, done.stdout + done.stderr[-5000:]
    assert LINE.findall(done.stdout) == list(names)
    assert "NOT KEPT" not in done.stdout


def test_a_name_that_is_none_is_told_with_those_that_are() -> None:
    done = subprocess.run([sys.executable, "-m", "faults", "kill_rondom"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == f"no scenario called kill_rondom; there are: {', '.join(NAMES)}\n"
