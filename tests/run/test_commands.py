"""What run.py says when something is asked that cannot be done."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import checks, commands, ports
from tools.commands import main


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_busy_port_is_named_before_anything_is_started(busy_port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = tmp_path / "data"
    assert main(["demo", "--port", str(busy_port), "--page-port", str(ports.any_free()), "--data", str(data)]) == 1
    printed = capsys.readouterr()
    assert printed.err == f"Port {busy_port} is in use: stop what uses it, or choose another with --port.\n"
    assert printed.out == ""
    assert not (data / "servers").exists()


def test_a_busy_page_port_names_its_own_option(busy_port: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--port", str(ports.any_free()), "--page-port", str(busy_port), "--data", str(tmp_path / "data")]) == 1
    assert "choose another with --page-port" in capsys.readouterr().err


def test_one_port_for_both_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--port", "8123", "--page-port", "8123", "--data", str(tmp_path)]) == 1
    assert "cannot share port 8123" in capsys.readouterr().err


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    free, other = str(ports.any_free()), str(ports.any_free())
    assert main(["demo", "--port", free, "--page-port", other, "--data", str(tmp_path / "file")]) == 1
    assert "name another folder with --data" in capsys.readouterr().err


def test_manage_without_a_demo_says_how_to_start_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["manage", "--data", str(tmp_path / "none"), "check"]) == 1
    printed = capsys.readouterr()
    assert f"run.py demo --data {tmp_path / 'none'}" in printed.err
    assert printed.out == ""
    assert not (tmp_path / "none").exists()


def test_a_port_beyond_the_range_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["demo", "--port", "70000"])
    assert "70000 is not a port" in capsys.readouterr().err


def test_what_follows_test_goes_to_pytest_untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[list[str], bool]] = []

    def test(rest: list[str], *, install_browser: bool) -> int:
        asked.append((rest, install_browser))
        return 0

    monkeypatch.setattr(commands, "test", test)
    main(["test", "tests/audit", "-k", "chain and not slow", "--install-browser", "-x"])
    main(["test"])
    assert asked == [(["tests/audit", "-k", "chain and not slow", "-x"], True), ([], False)]


def test_the_programme_is_asked_in_the_words_of_the_command_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[list[str]] = []

    def faults(words: list[str]) -> int:
        asked.append(words)
        return 0

    monkeypatch.setattr(commands, "faults", faults)
    main(["faults"])
    main(["faults", "redis", "clock", "--short", "--rows", "90", "--kills", "3", "--seed", "5", "--data", str(tmp_path)])
    assert asked == [[], ["redis", "clock", "--short", "--data", str(tmp_path), "--rows", "90", "--kills", "3", "--seed", "5"]]


def test_one_failed_check_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(checks, "_step", lambda made, name, *command, **variables: int(name in {"lint", "missing migrations"}))
    assert checks.check() == 1
    assert "FAILED: lint, missing migrations" in capsys.readouterr().err
