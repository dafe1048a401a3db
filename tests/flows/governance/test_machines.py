"""Any order of edits, reviews, disputes, overrides, holds and hours keeps the promises of governance, by the rules and in the database."""

from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.flows.governance.machine import Governance
from tests.flows.governance.model import Model
from tests.flows.governance.model_rows import Words
from tests.flows.governance.on_database import Database
from tests.flows.governance.on_paper import Paper
from tests.flows.governance.stage import Stage, rolled_back
from tests.flows.governance.worlds import World

LONGER = "a longer walk, done when it is asked for: python3 run.py test -m slow"
# Where walks have to get for the sequences to say anything; by the rules each of them several times.
ENDS = (
    "update released",
    "correction released",
    "retraction released",
    "released past legal",
    "released while restricted",
    "drill approved",
    "update withdrawn",
    "released by plan",
    "verdict carried",
    "ruled on",
    "struck",
    "overridden",
    "override ratified",
    "override refused",
    "statement",
    "released to colleagues alone",
    "correction by token",
    "two promises run",
    "a first word waited for beside a promise",
)


class OnPaper(Governance):
    """Over the pure rules."""

    def world_of(self, model: Model, kind: str, words: Words) -> World:
        return Paper(model, kind, words)


class InDatabase(Governance):
    """Over the real services and PostgreSQL."""

    stage: Stage

    def around(self) -> AbstractContextManager[Any]:
        return rolled_back()

    def world_of(self, model: Model, kind: str, words: Words) -> World:
        return Database(self.stage, model, kind, words)


def walk(machine: type[Governance], sequences: int, steps: int = 12) -> None:
    """That many sequences of at most so many steps, always the same ones."""
    machine.reached = {}
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def walk_in_database(sequences: int, steps: int = 10) -> None:
    with transaction.atomic():
        InDatabase.stage = Stage()
        # Nobody is there to be nudged.
        connection.run_on_commit = []
    walk(InDatabase, sequences, steps)


@pytest.fixture
def asked_for(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("markexpr") != "slow":
        pytest.skip(LONGER)


def test_by_the_rules_nothing_unapproved_gets_out() -> None:
    walk(OnPaper, 2_000)
    assert {end: OnPaper.reached.get(end, 0) for end in ENDS if OnPaper.reached.get(end, 0) < 3} == {}


@pytest.mark.django_db(transaction=True)
def test_in_the_database_nothing_unapproved_gets_out() -> None:
    walk_in_database(60)
    # The order of what is drawn from follows the hash seed of the process, so few sequences get far in one run and more in another.
    assert InDatabase.reached["update released"] >= 1
    assert len(InDatabase.reached) >= 10


@pytest.mark.slow
@pytest.mark.usefixtures("asked_for")
def test_by_the_rules_nothing_unapproved_gets_out_in_many_more_sequences() -> None:
    walk(OnPaper, 20_000, steps=20)


@pytest.mark.slow
@pytest.mark.usefixtures("asked_for")
@pytest.mark.django_db(transaction=True)
def test_in_the_database_nothing_unapproved_gets_out_in_many_more_sequences() -> None:
    walk_in_database(2_000, steps=12)
    assert {end: InDatabase.reached.get(end, 0) for end in ENDS if InDatabase.reached.get(end, 0) < 5} == {}
