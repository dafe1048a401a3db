"""No page shows a channel or provider by the word that the machine has for it."""

import pytest

from console.channel_words import PROVIDERS, provider_name
from console.forms.update import UpdateForm
from incidents.rules.content_check import CHANNELS as NAMED_BY_CONTENT
from notifications.rules.routing import CHANNELS as ROUTED
from notifications.rules.routing import channel_said
from notifications.transports.registry import TRANSPORTS
from stakeholders.rules.channel_words import CHANNEL_NAMES, CHANNEL_WORDS, channel_name, channel_words
from tests.approvals import acts
from tests.support.cast import Cast


def test_every_channel_and_provider_has_a_name() -> None:
    assert CHANNEL_WORDS.keys() == NAMED_BY_CONTENT
    assert {channel for channel, _ in TRANSPORTS} <= CHANNEL_WORDS.keys()
    for _, provider in TRANSPORTS:
        assert provider in PROVIDERS
        assert provider_name(provider) != provider


def test_a_channel_is_called_the_same_on_labels_and_in_sentences() -> None:
    assert [name.lower() for name in CHANNEL_NAMES.values()] == [words.lower() for words in CHANNEL_WORDS.values()]
    assert (channel_words("email"), channel_name("email")) == ("e-mail", "E-mail")
    assert (channel_words("sms"), channel_name("sms")) == ("SMS", "SMS")
    assert (channel_words("not_of_ours"), channel_name("not_of_ours")) == ("not of ours", "Not of ours")
    assert {channel_said(channel).removeprefix("the ") for channel in ROUTED} == set(CHANNEL_WORDS.values())
    assert UpdateForm.base_fields["channels"].choices == list(CHANNEL_NAMES.items())  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_the_story_names_the_channels_of_an_update(cast: Cast) -> None:
    update = acts.draft(cast)
    page = cast.client("commander").get(f"/console/updates/{update.public_id}/story/").content.decode()
    said = page.partition("channels: ")[2].partition("<")[0]
    assert "Public page" in said
    assert "SMS" in said
    assert "sms" not in said
