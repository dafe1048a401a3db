"""Pytest plugin: the suite runs on a real PostgreSQL and a real Valkey, thrown away afterwards.

Named in `addopts`, for pytest-django loads the settings before any conftest is read. Under xdist the controller starts
the servers and its workers inherit the addresses: a test database each (pytest-django), a Redis database each (here).
"""

import atexit
import contextlib
import os
from collections.abc import Generator

import pytest

from core.embedded.errors import EmbeddedError
from core.embedded.services import Services, throw_away
from core.redis_urls import with_database

SETTINGS = "statuscomms.settings.test"
NO_TESTS = {"--version", "-V", "-VV", "--help", "-h", "--fixtures", "--markers"}
_RUNNING = pytest.StashKey[Services]()
_stack = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, args: list[str]) -> Generator[None]:
    # A wrapper, for a plain hook would run after pytest-django's own.
    _prepare(early_config, args)
    return (yield)


def _prepare(config: pytest.Config, args: list[str]) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        # gw0 takes database 1, gw1 database 2 …; 0 is for a run without workers.
        os.environ["REDIS_URL"] = with_database(os.environ["REDIS_URL"], int(worker.removeprefix("gw")) + 1)
    elif not NO_TESTS.intersection(args):
        try:
            services = _stack.enter_context(throw_away())
        except EmbeddedError as error:
            raise pytest.UsageError(str(error)) from error
        atexit.register(_stack.close)
        os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = services.database_url, services.redis_url
        config.stash[_RUNNING] = services


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    _stack.close()


@pytest.fixture
def redis_url() -> str:
    """The address of this worker's own Redis database, for a test that looks into it."""
    return os.environ["REDIS_URL"]
