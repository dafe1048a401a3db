"""The real engine against a real SMTP server, with short patience."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.support.sinks import Sink, free_port, smtp_sink


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    """An SMTP server; the settings lead to it."""
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_TIMEOUT = 2
    with smtp_sink() as running:
        settings.EMAIL_PORT = running.port
        yield running


@pytest.fixture
def no_mail_server(settings: Settings) -> None:
    """The settings lead to a port where nobody listens."""
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 2
