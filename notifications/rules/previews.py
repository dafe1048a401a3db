"""A message as each channel without a letterhead will show it, made by the very functions that word it for sending."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from notifications.rules.markdown import to_text
from notifications.rules.slack import mrkdwn, slack_message
from notifications.rules.sms import Encoding, Segments, segments, sms_text
from notifications.rules.teams import teams_message
from notifications.rules.told import Told
from notifications.rules.webhook import webhook_body


@dataclass(frozen=True)
class ChannelPreview:
    """`name` is the channel in words, `text` what its reader sees, `note` what there is to say about it."""

    channel: str
    name: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class Tariff:
    """Text messages: at most `most` segments, and what one costs (0: not known)."""

    most: int
    price: Decimal
    currency: str


def channel_previews(told: Told, zone: ZoneInfo, *, channels: Collection[str], at: datetime, tariff: Tariff) -> list[ChannelPreview]:
    """Those of `channels` that it goes by."""
    makers: dict[str, Callable[[], ChannelPreview]] = {
        "sms": lambda: _sms(told, zone, tariff),
        "webhook": lambda: _webhook(told, at),
        "slack": lambda: _slack(told, zone),
        "teams": lambda: _teams(told, zone),
    }
    return [make() for channel, make in makers.items() if channel in channels]


def sms_note(found: Segments, price: Decimal, currency: str) -> str:
    """For instance `132 of 160 characters, 1 message, 0.0079 USD each`."""
    alone, joined = (160, 153) if found.encoding is Encoding.GSM7 else (70, 67)
    room = alone if found.count == 1 else joined * found.count
    words = f"{found.units} of {room} characters, {found.count} message{'' if found.count == 1 else 's'}"
    if found.encoding is Encoding.UCS2:
        words += ", with signs that halve what fits"
    return f"{words}, {price * found.count} {currency} a reader" if price else words


def _sms(told: Told, zone: ZoneInfo, tariff: Tariff) -> ChannelPreview:
    text = sms_text(told, zone, most=tariff.most)
    return ChannelPreview("sms", "Text message", text, sms_note(segments(text), tariff.price, tariff.currency))


def _webhook(told: Told, at: datetime) -> ChannelPreview:
    text = json.dumps(json.loads(webhook_body(told, at)), indent=2, ensure_ascii=False)
    return ChannelPreview("webhook", "Webhook", text, "signed; the incident's and the message's names are filled in when it is released")


def _slack(told: Told, zone: ZoneInfo) -> ChannelPreview:
    blocks = slack_message(told, zone)["blocks"]
    lines = [told.heading, mrkdwn(told.body), *(block["text"]["text"] for block in blocks[-2:-1] if block["type"] == "section")]
    return ChannelPreview("slack", "Slack", "\n\n".join(dict.fromkeys(lines)))


def _teams(told: Told, zone: ZoneInfo) -> ChannelPreview:
    card = json.loads(teams_message(told, zone))["attachments"][0]["content"]["body"]
    facts = [f"{fact['title']}: {fact['value']}" for piece in card for fact in piece.get("facts", [])]
    return ChannelPreview("teams", "Microsoft Teams", "\n\n".join([told.heading, to_text(told.body), "\n".join(facts)]).strip())
