"""Updates really published: they hold hardly anything that must not leave the house, so nearly none may be blocked."""

import json
import os
from pathlib import Path

import pytest

from incidents.rules.content import Wording
from screening.rules.check import check
from screening.rules.findings import ScreeningFacts


@pytest.fixture(scope="module")
def recorded() -> list[Wording]:
    folder = os.environ.get("SAMPLES_DIR")
    if not folder:
        pytest.skip("SAMPLES_DIR is not set: it names the folder of recorded updates")
    lines = Path(folder, "status_updates", "updates.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    assert len(found) > 1000
    return [Wording(one["title"] or "", one["body"] or "") for one in found]


def test_at_most_one_in_a_hundred_is_blocked(recorded: list[Wording]) -> None:
    blocked = [wording for wording in recorded if any(one.blocks for one in check(wording, ScreeningFacts()))]
    assert len(blocked) <= len(recorded) / 100, [wording.title for wording in blocked]


def test_most_are_not_even_warned_about(recorded: list[Wording]) -> None:
    warned = [wording for wording in recorded if any(one.severity != "hint" for one in check(wording, ScreeningFacts()))]
    assert len(warned) <= len(recorded) / 5
