"""What the programme calls a loss, a double and a broken rule."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from faults import failpoints
from faults.account import Account, percentile
from faults.journal import ACCEPTED, REFUSED, Journal, Line, Pen
from faults.sink import plan

KEPT = Account(name="x", planned=10, accepted=10, lost=0, doubled=2, ambiguous=5, retried=2, recovery_seconds=1.26)


def test_the_line_names_its_figures_in_order() -> None:
    assert str(KEPT) == "fault x planned=10 accepted=10 lost=0 doubled=2 ambiguous=5 recovery_s=1.3"
    assert KEPT.complaints == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (replace(KEPT, lost=1), "1 letters were lost"),
        (replace(KEPT, doubled=3), "3 letters came twice, but only 2 attempts were ambiguous and made again"),
        (replace(KEPT, planned=0), "nobody was meant to be reached"),
        (replace(KEPT, broken=["order"]), "order"),
    ],
)
def test_each_rule_is_looked_at(changed: Account, words: str) -> None:
    assert changed.complaints == [words]


def test_a_journal_is_read_while_it_grows(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal, pen = Journal(path), Pen(path)
    pen.write(Line(1.5, ACCEPTED, "k1", "a@example.com", "Some words"))
    pen.write(Line(1.75, REFUSED, "-", "b@example.com", "-"))
    with path.open("ab") as half:
        half.write(b"2.0 accepted k3 c@exa")
        half.flush()
        assert [line.address for line in journal.read()] == ["a@example.com", "b@example.com"]
        half.write(b"mple.com Some words\n")
    pen.write(Line(3.0, ACCEPTED, "k1", "a@example.com", "Some words"))
    assert journal.counts({"Some words"}) == {("Some words", "a@example.com"): 2, ("Some words", "c@example.com"): 1}
    assert journal.counts({"Other words"}) == {}


def test_faults_are_spread_by_chance_and_counted_out() -> None:
    befalls = plan(["4xx=3/50", "slow=2/40"], random.Random(1))
    assert (befalls.count("4xx"), befalls.count("slow"), befalls.count("")) == (3, 2, 45)
    assert befalls == plan(["4xx=3/50", "slow=2/40"], random.Random(1)) != plan(["4xx=3/50", "slow=2/40"], random.Random(2))
    # The last one first: slowness is among the first forty messages.
    assert "slow" not in befalls[:10]


@pytest.mark.parametrize(("share", "found"), [(0.99, 99), (0.5, 50), (1.0, 100)])
def test_a_percentile_is_a_value_that_was_measured(share: float, found: int) -> None:
    values = [float(number) for number in range(1, 101)]
    assert percentile(values, share) == found


def test_a_death_is_taken_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaths: list[int] = []
    monkeypatch.setattr("os.kill", lambda pid, number: deaths.append(number))
    monkeypatch.setenv("FAULT_TOKENS", str(tmp_path))
    (tmp_path / "sent.0").touch()
    (tmp_path / "opened.0").touch()
    for _ in range(3):
        failpoints.die("sent")
    assert deaths == [9]
    assert failpoints.left(tmp_path) == ["opened"]
