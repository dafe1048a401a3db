"""A hook that is let in."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from accounts.actors import system
from integrations.rules.sources import Source
from integrations.services import create_hook_token
from tests.support.cast import NOW

if TYPE_CHECKING:
    # The type exists in the stubs alone: a response as the test client hands it out.
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

Post = Callable[[bytes], "Answer"]


@pytest.fixture
def hook_token(db: None) -> str:
    """The text of a valid token."""
    return create_hook_token(actor=system("test"), now=NOW, source=Source.ALERTMANAGER)[1]


@pytest.fixture
def post(hook_token: str) -> Post:
    """Posts a body as Alertmanager does."""

    def send(body: bytes) -> "Answer":
        return Client().post(
            "/hooks/alertmanager/", body, content_type="application/json", headers={"authorization": f"Bearer {hook_token}"}
        )

    return send
