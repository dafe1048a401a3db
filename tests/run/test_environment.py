"""The packages follow the lock, and are not installed twice."""

import os
from pathlib import Path

import pytest

from tools import environment, state
from tools.environment import Environment
from tools.places import SetupError


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "some.lock"
    path.write_text("django==5.2\n")
    return path


@pytest.fixture
def made(tmp_path: Path, lock: Path) -> Environment:
    found = Environment(tmp_path / "venv")
    found.python.parent.mkdir(parents=True)
    found.python.symlink_to(os.path.realpath("/bin/sh"))
    (found.folder / ".made-from").write_text(environment._digest(lock))
    return found


def test_an_unchanged_lock_needs_no_installation(made: Environment, lock: Path) -> None:
    assert made.in_sync_with(lock)


def test_a_changed_lock_does(made: Environment, lock: Path) -> None:
    lock.write_text("django==5.2.1\n")
    assert not made.in_sync_with(lock)


def test_a_python_that_was_removed_does(made: Environment, lock: Path) -> None:
    made.python.unlink()
    made.python.symlink_to("/nonexistent/python")
    assert not made.in_sync_with(lock)


def test_without_uv_venv_and_pip_one_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(environment, "TOOLS", tmp_path)
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(SetupError, match="apt-get install python3-venv"):
        environment._uv()


def test_a_data_folder_has_one_holder_at_a_time(tmp_path: Path) -> None:
    with state.claimed(tmp_path) as first, state.claimed(tmp_path) as second:
        assert (first, second) == (True, False)
    with state.claimed(tmp_path) as again:
        assert again


def test_the_key_of_a_demo_is_its_own_and_stays(tmp_path: Path) -> None:
    now = state.State(8000, 8001, 2525, "postgresql://", "unix://")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    key = state.environment(tmp_path / "a", now)["SECRET_KEY"]
    assert len(key) >= 50
    assert state.environment(tmp_path / "a", now)["SECRET_KEY"] == key
    assert state.environment(tmp_path / "b", now)["SECRET_KEY"] != key
    assert (tmp_path / "a" / "secret_key").stat().st_mode & 0o077 == 0


def test_a_torn_state_file_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text('{"port": 80')
    assert state.load(tmp_path) is None
