"""Whatever anybody sends that the schema allows, or nearly allows: never a fault of ours, and always an answer as the schema says.

Requests are generated from the schema by schemathesis. Ids and some words are replaced by those of things that are there, or
nearly every request would end at "not found". Each request is undone, so that all of them meet the same things.
"""

import contextlib
import itertools
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import SkipTest

import pytest
import schemathesis
import time_machine
from django.core.signals import got_request_exception
from django.core.wsgi import get_wsgi_application
from django.db import InternalError, connection, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from tests.architecture.asking import Asker, Things, askers, things
from tests.support.asked_for import when_asked_for
from tests.support.cast import NOW, Cast

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# Requests generated for each operation, in the suite and in the long run.
FEW, MANY = 4, 16


class Faults:
    """What the server raised while it answered with a 5xx."""

    def __init__(self) -> None:
        self.last = ""

    def note(self, **_: Any) -> None:
        self.last = traceback.format_exc(limit=-6)


@pytest.fixture
def faults() -> Iterator[Faults]:
    found = Faults()
    got_request_exception.connect(found.note)
    yield found
    got_request_exception.disconnect(found.note)


@pytest.fixture
def one_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request's end does not close the connection, whose transaction holds what the test has made."""
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)


@pytest.fixture
def still() -> Iterator[None]:
    """Time stands still, so that nobody's step-up runs out."""
    with time_machine.travel(NOW, tick=False):
        yield


def reaching(case: Any, found: Things, draw: Any) -> None:
    """Puts things that are there in most of the places where the schema knows only that some text belongs."""
    for name in case.path_parameters or {}:
        if draw(st.integers(0, 9)) < 9:
            case.path_parameters[name] = draw(st.sampled_from(found.ids_for(case.operation.path, name)))
    if "If-Match" in (case.headers or {}) or case.method in {"PATCH", "PUT"}:
        case.headers["If-Match"] = draw(st.sampled_from(['"1"', '"0"', '"2"']))
    case.body = _with_words(case.body, found, draw)


def _with_words(body: Any, found: Things, draw: Any) -> Any:
    if isinstance(body, list):
        return [_with_words(item, found, draw) for item in body]
    if not isinstance(body, dict):
        return body
    return {
        name: draw(st.sampled_from(found.words[name])) if name in found.words and draw(st.booleans()) else _with_words(value, found, draw)
        for name, value in body.items()
    }


@dataclass
class Found:
    """What is wrong with answers, by operation and kind of fault; and which operations ever did what they were asked."""

    wrong: dict[tuple[str, str], str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)


def judge(case: Any, asker: Asker, faults: Faults, found: Found) -> None:
    """Sends the request as the asker, notes what is wrong with the answer, and undoes it."""
    faults.last = ""
    with transaction.atomic():
        try:
            answer = case.call(headers=asker.headers, cookies=asker.cookies)
            # What the database would check at the end of the transaction; one that it has refused already answered with a refusal.
            with contextlib.suppress(InternalError), connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        finally:
            transaction.set_rollback(True)
    if answer.status_code < 300:
        found.done.add(case.operation.label)
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as failures:
        sent = f"{asker.name}: {case.method} {case.formatted_path} {case.query} {str(case.body)[:400]}"
        for one in failures.exceptions:
            said = f"{sent}\n  {answer.status_code} {answer.text[:400]}\n  {one.title}: {one.message[:500]}\n{faults.last}"
            found.wrong.setdefault((case.operation.label, f"{one.title} {one.message[:300]}"), said)


def try_out(
    operation: Any, mode: GenerationMode, everybody: list[Asker], things_there: Things, faults: Faults, found: Found, *, examples: int
) -> None:
    """Asks for one operation in so many ways."""
    turn = itertools.count()

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def ask(case: Any, data: Any) -> None:
        reaching(case, things_there, data.draw)
        # The first, which is the plainest, by everybody; the others by one each.
        for asker in everybody if next(turn) == 0 else [data.draw(st.sampled_from(everybody))]:
            judge(case, asker, faults, found)

    # Where nothing can be asked wrongly, schemathesis skips.
    with contextlib.suppress(SkipTest, pytest.skip.Exception):
        ask()


def tried(cast: Cast, faults: Faults, mode: GenerationMode, *, examples: int) -> Found:
    """Every operation tried with requests that the schema allows (`POSITIVE`) or nearly allows (`NEGATIVE`)."""
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", get_wsgi_application())
    things_there, everybody, found = things(cast), askers(cast), Found()
    operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
    ours = [operation for operation in operations if operation.path.startswith("/api/v1/")]
    assert len(ours) > 100
    for operation in ours:
        try_out(operation, mode, everybody, things_there, faults, found, examples=examples)
    return found


@pytest.mark.django_db
def test_no_answer_is_a_fault_or_unlike_the_schema(cast: Cast, faults: Faults, still: None, one_transaction: None) -> None:
    found = tried(cast, faults, GenerationMode.POSITIVE, examples=FEW)
    assert not found.wrong, "\n\n".join(found.wrong.values())
    # Requests that all ended at a refusal would have tried little.
    assert len(found.done) > 60


@pytest.mark.slow
@when_asked_for("many more requests")
@pytest.mark.django_db
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_nor_is_one_of_many_more(cast: Cast, faults: Faults, still: None, one_transaction: None, mode: GenerationMode) -> None:
    found = tried(cast, faults, mode, examples=MANY)
    assert not found.wrong, "\n\n".join(found.wrong.values())
