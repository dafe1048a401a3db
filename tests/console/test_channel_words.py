"""No page shows a channel or provider by the word that the machine has for it."""

import pytest

from console.channel_words import CHANNELS, PROVIDERS, SURFACES, channel_name, provider_name
from incidents.rules.content_check import CHANNELS as NAMED_BY_CONTENT
from notifications.transports.registry import TRANSPORTS
from tests.approvals import acts
from tests.support.cast import Cast


def test_every_channel_and_provider_has_a_name() -> None:
    assert {*CHANNELS, *SURFACES} == NAMED_BY_CONTENT
    for channel, provider in TRANSPORTS:
        assert channel_name(channel) == CHANNELS[channel]
        assert provider in PROVIDERS
        assert provider_name(provider) != provider


@pytest.mark.django_db
def test_the_story_names_the_channels_of_an_update(cast: Cast) -> None:
    update = acts.draft(cast)
    page = cast.client("commander").get(f"/console/updates/{update.public_id}/story/").content.decode()
    said = page.partition("channels: ")[2].partition("<")[0]
    assert "Public page" in said
    assert "Text messages" in said
    assert "sms" not in said
