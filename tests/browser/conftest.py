"""A real browser on a real server: Chromium as Debian ships it, the console behind a live server."""

import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from tests.support.cast import PASSWORD, Cast

SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(chromium: Browser, live_server: LiveServer, cast: Cast) -> Iterator[SignIn]:
    """A page of a browser of one's own, signed in through the real form. Errors in the page's console fail the test."""
    contexts, errors = [], []

    def enter(name: str, *, width: int = 1280, scripts: bool = True, theme: str = "light") -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            java_script_enabled=scripts,
            color_scheme="dark" if theme == "dark" else "light",
            timezone_id="Europe/Berlin",
            locale="en-GB",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto("/accounts/login/?next=/console/")
        page.fill("[name=login]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("button:has-text('Sign in')")
        page.wait_for_url("**/console/")
        return page

    yield enter
    for context in contexts:
        context.close()
    _let_the_server_finish()
    assert errors == []


def _let_the_server_finish() -> None:
    """A request that its page no longer waits for still holds locks, which the emptying of the database would meet.

    Quiet means half a second without a statement or an open transaction: between two of them a request looks idle.
    """
    deadline, quiet_since = time.monotonic() + 15, time.monotonic()
    busy = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend' AND (state <> 'idle' OR state_change > clock_timestamp() - interval '0.5 s')"
    )
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute(busy)
            row = cursor.fetchone()
        if row is None or row[0] != 0:
            quiet_since = time.monotonic()
        elif time.monotonic() - quiet_since > 0.5:
            return
        time.sleep(0.05)
