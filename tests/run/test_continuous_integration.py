"""`.ci/run`, and what is said about programs that are missing."""

import os
import subprocess
from pathlib import Path

import pytest

from tools import checks, debian
from tools.environment import Environment
from tools.places import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with our `.ci/run`, and a `python3` on PATH that tells how it was called."""
    (tmp_path / "code" / ".ci").mkdir(parents=True)
    script = tmp_path / "code" / ".ci" / "run"
    script.write_bytes((ROOT / ".ci" / "run").read_bytes())
    script.chmod(0o755)
    teller = tmp_path / "bin" / "python3"
    teller.parent.mkdir()
    teller.write_text('#!/bin/sh\necho "$PWD|$CI|${SAMPLES_DIR-unset}|$*"\n')
    teller.chmod(0o755)
    return tmp_path / "code"


def ran(checkout: Path, **variables: str) -> str:
    env = {"PATH": f"{checkout.parent / 'bin'}:{os.defpath}", **variables}
    return subprocess.run([checkout / ".ci" / "run"], env=env, cwd="/", capture_output=True, text=True, check=True).stdout.strip()


def test_it_calls_exactly_run_py_test_with_browser_tests(checkout: Path) -> None:
    assert ran(checkout) == f"{checkout}|1|unset|run.py test"


def test_recorded_material_beside_the_checkout_is_found_unless_named(checkout: Path) -> None:
    samples = checkout.parent / "shared" / "data"
    samples.mkdir(parents=True)
    assert ran(checkout) == f"{checkout}|1|{samples}|run.py test"
    assert ran(checkout, SAMPLES_DIR="/elsewhere") == f"{checkout}|1|/elsewhere|run.py test"


def test_what_is_missing_is_named_and_not_installed_unasked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(debian, "_have", lambda programs: False)
    monkeypatch.setattr(debian, "_install", lambda package: pytest.fail("nothing may be installed"))
    assert debian.provide(install=False) is False
    said = capsys.readouterr().err
    assert "SKIPPED: the browser tests, for Chromium is not installed (python3 run.py test --install-browser" in said
    assert "SKIPPED: the run from a real Alertmanager, for prometheus-alertmanager is not installed" in said


def test_where_the_browser_was_asked_for_its_absence_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tools.environment.development", lambda: Environment(Path("/nowhere")))
    monkeypatch.setattr(checks, "_step", lambda made, name, *command, **variables: 0)
    monkeypatch.setattr(debian, "_have", lambda programs: False)
    monkeypatch.setattr(debian, "_install", lambda package: False)
    assert checks.test([], install_browser=True) == 1
    assert "FAILED: browser tests (not run)" in capsys.readouterr().err
    monkeypatch.delenv("CI", raising=False)
    assert checks.test([], install_browser=False) == 0
