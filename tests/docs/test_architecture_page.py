"""ARCHITECTURE.md says what the import contracts and the database hold."""

import re
import subprocess
import tomllib

import pytest
from django.db import connection

from tests.docs.reading import table_rows
from tools.places import ROOT

PAGE = ROOT / "ARCHITECTURE.md"
README = ROOT / "README.md"
_NAME = re.compile(r"`([a-z]+_[a-z_]+)`")


def test_the_floors_are_the_layers_of_the_import_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    floors = next(contract["layers"] for contract in contracts if contract["name"].startswith("Floors"))
    shown = [(int(number), apps.replace("`", "").replace(" · ", " | ")) for number, apps, _ in table_rows(PAGE, "Floor")]
    assert shown == [(len(floors) - 1 - position, layer) for position, layer in enumerate(floors)]


def test_the_order_inside_an_app_is_that_of_the_import_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    inside = next(contract["layers"] for contract in contracts if contract["name"].startswith("Inside"))
    order = " > ".join(re.sub(r"[() ]", "", layer) for layer in inside)
    assert f"`{order}`" in PAGE.read_text()


@pytest.mark.django_db
def test_every_database_rule_named_is_in_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint UNION SELECT tgname FROM pg_trigger UNION SELECT indexname FROM pg_indexes")
        there = {row[0] for row in cursor.fetchall()}
    named = {name for row in table_rows(PAGE, "Invariant") for name in _NAME.findall(row[2])}
    assert named
    assert named - there == set()


@pytest.mark.django_db
def test_no_trigger_is_silenced_by_the_replication_role() -> None:
    """docs/decisions/0009: every trigger is ENABLE ALWAYS."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal")
        found = {name: str(mode) for name, mode in cursor.fetchall()}
    assert "audit_entry_no_change" in found
    assert [name for name, mode in found.items() if mode != "A"] == []


def test_the_map_names_every_folder_of_the_repository() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("This is no git checkout, so what belongs to the repository cannot be told from what lies beside it.")
    folders = {path.split("/")[0] for path in listed.stdout.splitlines() if "/" in path}
    named = {folder for row in table_rows(README, "Folder") for folder in re.findall(r"`([.\w]+)/`", row[0])}
    assert named == folders
