"""What the database ends for the sake of another transaction is answered with "try again", on pages and in the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from audit.services import unit_of_work
from core.errors import Busy, is_busy
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component

pytestmark = pytest.mark.django_db


def ended_by_the_database(*_: Any, sqlstate: str = "40P01", **__: Any) -> Any:
    """As PostgreSQL itself says it, down to the driver's error."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '{sqlstate}'; END $$")


def in_a_unit(*_: Any, **__: Any) -> Any:
    with unit_of_work(actor="user:1", now=NOW):
        ended_by_the_database()


@pytest.mark.parametrize(("sqlstate", "busy"), [("40P01", True), ("40001", True), ("55P03", True), ("57014", False)])
def test_only_what_others_caused_may_be_tried_again(sqlstate: str, busy: bool) -> None:
    with pytest.raises(OperationalError) as error:
        ended_by_the_database(sqlstate=sqlstate)
    assert is_busy(error.value) is busy


def test_a_unit_of_work_says_busy_whatever_it_calls() -> None:
    with pytest.raises(Busy), unit_of_work(actor="user:1", now=NOW):
        in_a_unit()


@pytest.mark.parametrize("act", [in_a_unit, ended_by_the_database])
def test_the_api_answers_503_and_when_to_try_again(cast: Cast, monkeypatch: pytest.MonkeyPatch, act: Callable[..., Any]) -> None:
    component = make_component()
    monkeypatch.setattr("catalogue.api.set_component_status", act)
    answer = cast.client("commander").patch(
        f"/api/v1/components/{component.public_id}/", {"status": "major_outage"}, content_type="application/json"
    )
    assert (answer.status_code, answer["Content-Type"], answer["Retry-After"]) == (503, "application/problem+json", "1")
    assert answer.json()["code"] == "busy"
    assert "try again" in answer.json()["detail"]


@pytest.mark.parametrize("act", [in_a_unit, ended_by_the_database])
def test_a_page_answers_503_and_says_that_nothing_was_saved(cast: Cast, monkeypatch: pytest.MonkeyPatch, act: Callable[..., Any]) -> None:
    monkeypatch.setattr("console.views.board.utc_now", act)
    answer = cast.client("commander").get("/console/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert "Nothing of yours was saved" in answer.content.decode()


def test_another_fault_of_the_database_stays_a_fault(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.views.board.utc_now", lambda: ended_by_the_database(sqlstate="57014"))
    client = cast.client("commander")
    client.raise_request_exception = False
    assert client.get("/console/").status_code == 500
