"""A message as each channel without a letterhead will show it, made by the very functions that word it for sending."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from notifications.rules.markdown import passages
from notifications.rules.sms import Encoding, Segments, segments, sms_text
from notifications.rules.told import Told, facts_of
from notifications.rules.webhook import webhook_body
from stakeholders.rules.channel_words import channel_name


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
    return ChannelPreview("sms", channel_name("sms"), text, sms_note(segments(text), tariff.price, tariff.currency))


def _webhook(told: Told, at: datetime) -> ChannelPreview:
    text = json.dumps(json.loads(webhook_body(told, at)), indent=2, ensure_ascii=False)
    return ChannelPreview(
        "webhook", channel_name("webhook"), text, "signed; the incident's and the message's names are filled in when it is released"
    )


def _slack(told: Told, zone: ZoneInfo) -> ChannelPreview:
    return ChannelPreview("slack", channel_name("slack"), _chat(told, zone))


def _teams(told: Told, zone: ZoneInfo) -> ChannelPreview:
    return ChannelPreview("teams", channel_name("teams"), _chat(told, zone))


def _chat(told: Told, zone: ZoneInfo) -> str:
    """As it reads there: heading, words, facts, without the marks that make them so."""
    facts = "\n".join(f"{name}: {words}" for name, words in facts_of(told, zone))
    return "\n\n".join([told.heading, *(one.marked for one in passages(told.body)), facts]).strip()
