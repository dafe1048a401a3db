"""What every test shares. The servers themselves are started by the plugin `tests.support.services`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from tests.support.cast import cast as cast  # noqa: PLC0414 - the fixture, for every test
from tests.support.chromium import chromium as chromium  # noqa: PLC0414 - the fixture, one browser per run
from tests.support.database import make_flush_bearable
from tests.support.folders import open_to_nobody


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright leaves an event loop running in its process, and no other can be run there afterwards."""
    items.sort(key=lambda item: "chromium" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """pytest-django's test database, whose flush copes with append-only tables."""
    with django_db_blocker.unblock():
        make_flush_bearable(connection)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A temporary folder that servers running as another account reach too."""
    with open_to_nobody() as folder:
        yield folder
