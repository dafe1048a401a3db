"""The vendors' stand-ins, and settings that lead to them."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from notifications.models import ChannelProvider
from notifications.services import claim_and_send
from tests.support.cast import Cast
from tests.support.channels import lead_to
from tests.support.fakes import Outside, Taken, providers
from tests.support.releases import released, subscribers


@pytest.fixture
def outside(settings: Settings) -> Iterator[Outside]:
    with providers() as running:
        lead_to(running, settings)
        yield running


@pytest.fixture
def taken(cast: Cast, outside: Outside, monkeypatch: pytest.MonkeyPatch) -> Taken:
    """One letter that SendGrid took: the only delivery there is."""
    ChannelProvider.objects.filter(provider="smtp").update(enabled=False)
    ChannelProvider.objects.filter(provider="sendgrid").update(enabled=True)
    monkeypatch.setattr("notifications.services.plan_notice.insert_deliveries", lambda *args, **kwargs: 0)
    subscribers("anna@example.com")
    released(cast)
    while claim_and_send():
        pass
    return outside.taken("sendgrid")[0]
