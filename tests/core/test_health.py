"""Liveness and readiness."""

import pytest
from django.db import OperationalError, connection
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries


def test_the_process_lives_without_touching_anything() -> None:
    # No database mark: a query would fail this test.
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        assert Client().get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_it_is_ready_while_database_and_redis_answer() -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": "ok", "redis": "ok"})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
@override_settings(REDIS_URL="redis://127.0.0.1:1/0")
def test_without_redis_it_is_not_ready() -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["redis"], answer.json()["database"]) == (503, "unavailable", "ok")


@pytest.mark.django_db
def test_without_the_database_it_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(connection, "cursor", gone)
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "unavailable")


@pytest.mark.django_db
def test_liveness_reads_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        Client().get("/healthz")
