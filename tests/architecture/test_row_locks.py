"""Rows are locked `FOR NO KEY UPDATE`: `FOR UPDATE` would keep out everyone who only inserts a reference to the row."""

import ast
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
# Where rows are locked against references too, and why.
WITH_KEY = {"accounts/idempotency.py": "The rows are deleted next, which locks them so anyway."}


def plain_locks(source: str) -> list[int]:
    """The lines that call `select_for_update` without `no_key=True`."""
    return [
        call.lineno
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "select_for_update"
        and not any(k.arg == "no_key" and isinstance(k.value, ast.Constant) and k.value.value is True for k in call.keywords)
    ]


def test_a_plain_lock_is_recognised() -> None:
    source = "a.select_for_update()\nb.select_for_update(no_key=True)\nc.x.select_for_update(of=('self',), no_key=False).get()"
    assert plain_locks(source) == [1, 3]


def test_every_lock_lets_references_be_inserted_or_says_why_not() -> None:
    ours = [Path(config.path) for config in apps.get_app_configs() if "site-packages" not in config.path]
    files = [file for app in ours for file in app.rglob("*.py")]
    assert any("select_for_update" in file.read_text() for file in files), "no lock was looked at"
    assert {str(file.relative_to(ROOT)) for file in files if plain_locks(file.read_text())} == set(WITH_KEY)
