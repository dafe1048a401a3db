"""What the editor shows of each channel is what would be sent."""

from decimal import Decimal

import pytest

from notifications.rules.previews import ChannelPreview, Tariff, channel_previews, sms_note
from notifications.rules.sms import segments, sms_text
from notifications.rules.times import zone_named
from notifications.transports.telling import told_to
from tests.support.cast import NOW
from tests.support.channels import message

ZONE = zone_named("Europe/Berlin")
ALL = ("email", "sms", "webhook", "slack", "teams")


def shown(channels: tuple[str, ...] = ALL) -> dict[str, ChannelPreview]:
    told = told_to(message(), "customers")
    found = channel_previews(told, ZONE, channels=channels, at=NOW, tariff=Tariff(2, Decimal("0.0079"), "USD"))
    return {one.channel: one for one in found}


def test_only_the_channels_that_it_goes_by_are_shown() -> None:
    assert list(shown()) == ["sms", "webhook", "slack", "teams"]
    assert list(shown(("slack",))) == ["slack"]


def test_the_text_message_is_the_one_that_is_sent_with_its_count() -> None:
    text = sms_text(told_to(message(), "customers"), ZONE, most=2)
    assert shown()["sms"].text == text
    assert shown()["sms"].note.startswith(f"{segments(text).units} of ")
    assert "USD a reader" in shown()["sms"].note


@pytest.mark.parametrize(
    ("text", "price", "note"),
    [
        ("a" * 120, "0", "120 of 160 characters, 1 message"),
        ("a" * 200, "0.01", "200 of 306 characters, 2 messages, 0.02 USD a reader"),
        ("ж" * 60, "0", "60 of 70 characters, 1 message, with signs that halve what fits"),
    ],
)
def test_the_count_in_words(text: str, price: str, note: str) -> None:
    assert sms_note(segments(text), Decimal(price), "USD") == note


def test_chat_shows_heading_body_and_facts() -> None:
    for channel in ("slack", "teams"):
        text = shown()[channel].text
        assert text.startswith("Some checkouts fail")
        assert "Checkout: partial outage" in text
        assert "Next update by: 2 Mar 2026, 15:30 CET (14:30 UTC)" in text
        assert "*" not in text
        assert "Ledger" not in text
