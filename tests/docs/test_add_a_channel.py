"""docs/guide/add-a-channel.md, followed to the letter: its file, its line, a test sent by it."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from pytest_django import Settings

from notifications.models import ChannelProvider
from notifications.rules.states import Outcome
from notifications.services.channels import ask_first, set_up_provider
from notifications.services.prove_channel import prove_channel
from notifications.transports import registry
from tests.support.cast import NOW, Cast
from tests.support.channels import lead_to
from tests.support.fakes import Outside, providers
from tools.places import ROOT

GUIDE = ROOT / "docs" / "guide" / "add-a-channel.md"
NAME = "notifications.transports.ntfy"


def blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def outside(settings: Settings) -> Iterator[Outside]:
    with providers() as running:
        lead_to(running, settings)
        yield running


@pytest.fixture
def followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is written and imported as it would be, the line added to the table."""
    file, line = blocks()
    (tmp_path / "ntfy.py").write_text(file)
    module = ModuleType(NAME)
    monkeypatch.setitem(sys.modules, NAME, module)
    exec(compile(file, str(tmp_path / "ntfy.py"), "exec"), module.__dict__)  # noqa: S102 - the guide's own text
    added = eval(f"{{{line.strip()}}}", dict(module.__dict__))  # noqa: S307 - the guide's own text
    for key, factory in added.items():
        monkeypatch.setitem(registry.TRANSPORTS, key, factory)


@pytest.mark.django_db
def test_the_guide_makes_a_channel_that_works(cast: Cast, outside: Outside, followed: None) -> None:
    admin = cast.actor("admin")
    page = cast.client("admin").get("/console/channels/").content.decode()
    assert "Ntfy" in page
    row = ChannelProvider.objects.get(provider="ntfy")
    assert (row.channel, row.position, row.enabled) == ("webhook", 2, False)
    proof = prove_channel(actor=admin, now=NOW, channel="webhook", provider="ntfy", address=f"{outside.base}/hook/topic")
    assert proof.outcome == "accepted"
    taken = outside.taken("webhook")[0]
    assert taken.extra["headers"]["Title"] == "Test message from Status"
    assert "This is a test." in taken.text
    set_up_provider(
        actor=admin, now=NOW, channel="webhook", provider="ntfy", enabled=True, rate_per_second=None, burst=1, expected_version=row.version
    )
    assert ask_first(actor=admin, now=NOW, channel="webhook", provider="ntfy").position == 1


def test_it_is_one_file_and_one_line() -> None:
    file, line = blocks()
    assert len(line.splitlines()) == 1
    assert len(file.splitlines()) < 40


def test_the_outcomes_it_explains_are_those_there_are() -> None:
    named = set(re.findall(r"`([A-Z_]{7,})`", GUIDE.read_text())) - {"TRANSPORTS"}
    assert named == {outcome.name for outcome in Outcome}
