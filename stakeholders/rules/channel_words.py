"""Channels as people name them, in one place: inside a sentence, and at its beginning or on a label."""

from typing import Final

from stakeholders.rules.kinds import ContactKind

# The channels to people, in the order in which people think of them …
PERSONAL_WORDS: Final[dict[str, str]] = {
    ContactKind.EMAIL.value: "e-mail",
    ContactKind.SMS.value: "SMS",
    ContactKind.WEBHOOK.value: "webhook",
    ContactKind.SLACK.value: "Slack",
    ContactKind.TEAMS.value: "Microsoft Teams",
}
# … and where it is read besides.
SURFACE_WORDS: Final[dict[str, str]] = {"page": "public page", "dashboard": "dashboard"}
CHANNEL_WORDS: Final[dict[str, str]] = PERSONAL_WORDS | SURFACE_WORDS


def channel_words(channel: str) -> str:
    """The channel inside a sentence, for instance `e-mail`; one without words of its own is spelt out."""
    return CHANNEL_WORDS.get(channel, channel.replace("_", " "))


def channel_name(channel: str) -> str:
    """The channel as a label, for instance `E-mail`."""
    words = channel_words(channel)
    return words[:1].upper() + words[1:]


CHANNEL_NAMES: Final[dict[str, str]] = {channel: channel_name(channel) for channel in CHANNEL_WORDS}
