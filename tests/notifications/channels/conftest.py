"""The vendors' stand-ins, and settings that lead to them."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.support.channels import lead_to
from tests.support.fakes import Outside, providers


@pytest.fixture
def outside(settings: Settings) -> Iterator[Outside]:
    with providers() as running:
        lead_to(running, settings)
        yield running
