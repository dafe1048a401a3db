"""Browsers and programs for the API of incidents."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from rest_framework.test import APIClient

from accounts.actors import system
from accounts.rules.scopes import Scope
from accounts.services.tokens import create_token
from core.clock import utc_now
from tests.support.cast import Cast

Api = Callable[..., APIClient]


@pytest.fixture
def api(cast: Cast) -> Api:
    """`api("commander")` speaks for that person by a token that may do all a token can; scopes narrow it."""

    def client(name: str, *scopes: Scope) -> APIClient:
        wanted = scopes or tuple(Scope)
        _, text = create_token(
            actor=system("test"), now=utc_now(), user=cast.user(name), name="test", scopes=wanted, lifetime=timedelta(hours=1)
        )
        speaking = APIClient()
        speaking.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        return speaking

    return client
