"""Text messages by Twilio, through its own SDK; and how a text is worded and counted."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from notifications.rules.sms import Encoding, plainer, segments, sms_text
from notifications.rules.times import zone_named
from notifications.transports.contract import Answer, ChannelDown
from notifications.transports.telling import told_to
from notifications.transports.twilio_sms import TwilioTransport
from tests.support.channels import letter, message
from tests.support.fakes import Outside

BERLIN = zone_named("Europe/Berlin")


@pytest.fixture
def twilio(outside: Outside) -> Iterator[TwilioTransport]:
    transport = TwilioTransport()
    yield transport
    transport.close()


def sent(twilio: TwilioTransport, number: str = "+4915112345678") -> Answer:
    return next(twilio.send([letter(number)]))


def test_a_text_goes_out_with_our_key_in_the_address_of_its_news(outside: Outside, twilio: TwilioTransport, settings: Settings) -> None:
    one = letter("+4915112345678")
    answer = next(twilio.send([one]))
    taken = outside.taken("twilio")[0]
    assert (answer.outcome.value, answer.code, answer.provider_id) == ("accepted", 201, taken.id)
    assert taken.extra["callback"] == f"{settings.CONSOLE_URL}/hooks/twilio/status/?key={one.key}"
    assert taken.text.startswith("Status: Some checkouts fail. Cards are refused.")
    assert taken.text.endswith("\n" + settings.PUBLIC_PAGE_URL)


def test_a_window_goes_out_at_once_and_is_answered_in_order(outside: Outside, twilio: TwilioTransport) -> None:
    letters = [letter(f"+49151{number:08}") for number in range(49)] + [letter("+15005550004")]
    answers = list(twilio.send(letters))
    assert [answer.outcome.value for answer in answers] == ["accepted"] * 49 + ["bad_address"]
    by_number = {taken.to: taken.id for taken in outside.taken("twilio")}
    assert [answer.provider_id for answer in answers[:49]] == [by_number[one.address] for one in letters[:49]]


@pytest.mark.parametrize(
    ("number", "outcome", "code"),
    [("+15005550001", "bad_address", 21211), ("+15005550004", "bad_address", 21610), ("+15005550009", "bad_address", 21614)],
)
def test_numbers_that_twilio_refuses(outside: Outside, twilio: TwilioTransport, number: str, outcome: str, code: int) -> None:
    answer = sent(twilio, number)
    assert (answer.outcome.value, answer.code) == (outcome, code)


@pytest.mark.parametrize(
    ("fault", "outcome", "made"),
    [
        ("429", "throttled", 0),
        ("401", "configuration", 0),
        ("503", "transient", 0),
        ("500", "ambiguous", 0),
        ("drop_before", "ambiguous", 0),
        ("drop_after", "accepted", 1),
        ("slow", "ambiguous", 0),
        ("trickle", "accepted", 1),
        ("huge", "accepted", 1),
    ],
)
def test_where_no_answer_comes_twilio_is_asked_and_nothing_is_sent_twice(
    outside: Outside, twilio: TwilioTransport, fault: str, outcome: str, made: int
) -> None:
    outside.script("twilio", fault)
    answer = sent(twilio)
    assert answer.outcome.value == outcome
    assert [taken.id for taken in outside.taken("twilio")] == ([answer.provider_id] if outcome == "accepted" else [])
    assert len(outside.taken("twilio")) == made
    assert outside.requests("twilio") == 1


def test_where_twilio_cannot_be_asked_either_nobody_knows(outside: Outside, twilio: TwilioTransport) -> None:
    outside.script("twilio", "drop_after")
    outside.script("twilio_list", "500")
    assert sent(twilio).outcome.value == "ambiguous"


def test_without_account_or_sender_the_channel_is_down(twilio: TwilioTransport, settings: Settings) -> None:
    settings.TWILIO_FROM = ""
    with pytest.raises(ChannelDown, match="TWILIO_FROM"):
        twilio.ready()


def test_a_messaging_service_chooses_the_sender(outside: Outside, twilio: TwilioTransport, settings: Settings) -> None:
    settings.TWILIO_FROM = "MG" + "1" * 32
    sid = sent(twilio).provider_id
    assert outside.stand_ins.twilio.messages[sid]["messaging_service_sid"] == settings.TWILIO_FROM


def test_no_number_and_no_text_reaches_the_log(outside: Outside, twilio: TwilioTransport, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    outside.script("twilio", "drop_after")
    sent(twilio)
    assert "15112345678" not in caplog.text
    assert "checkouts" not in caplog.text


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("a" * 160, Encoding.GSM7, 160, 1),
        ("a" * 161, Encoding.GSM7, 161, 2),
        ("a" * 306, Encoding.GSM7, 306, 2),
        ("a" * 307, Encoding.GSM7, 307, 3),
        ("€" * 80, Encoding.GSM7, 160, 1),
        ("a" * 152 + "€" + "a" * 152, Encoding.GSM7, 306, 3),
        ("ж" * 70, Encoding.UCS2, 70, 1),
        ("ж" * 71, Encoding.UCS2, 71, 2),
        ("ж" * 66 + "😀" + "ж" * 66, Encoding.UCS2, 134, 3),
        ("", Encoding.GSM7, 0, 1),
    ],
)
def test_how_the_network_cuts_a_text(text: str, encoding: Encoding, units: int, count: int) -> None:
    found = segments(text)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)


@given(st.text(max_size=700))
def test_a_longer_text_never_takes_fewer_segments(text: str) -> None:
    found = segments(text)
    assert found.units >= len(text)
    assert found.count <= segments(text + "a").count


@given(st.text(max_size=300), st.text(max_size=1500), st.integers(1, 4))
def test_whatever_is_written_fits_and_ends_with_the_whole_link(title: str, body: str, most: int) -> None:
    words = told_to(message(title=title, body=body), "customers")
    text = sms_text(words, BERLIN, most=most)
    assert segments(text).count <= most
    assert text.endswith(words.link)


def test_typographic_signs_do_not_cost_a_segment() -> None:
    words = told_to(message(title="Checkout’s “slow” – again…", body="We look into it."), "customers")
    text = sms_text(words, BERLIN, most=2)
    assert segments(text).encoding is Encoding.GSM7
    assert 'Checkout\'s "slow" - again...' in text


def test_sentences_are_whole_or_left_out_and_the_next_update_is_named() -> None:
    body = "First sentence. " + "A second one that is far too long to fit into what is left of the room. " * 3
    text = sms_text(told_to(message(body=body), "customers"), BERLIN, most=1)
    assert "First sentence." in text
    assert "second" not in text
    assert "Next update by 2 Mar 2026, 15:30 CET (14:30 UTC)." in text


def test_a_quotation_stands_in_quotation_marks_and_is_closed_where_it_is_cut_short() -> None:
    words = told_to(
        message(body="At 15:56 UTC:\n\n> We have found it. It is a disk in Frankfurt.\n>\n> More soon.\n\nThat was wrong."), "customers"
    )
    whole = sms_text(words, BERLIN, most=4)
    assert 'At 15:56 UTC: "We have found it. It is a disk in Frankfurt. More soon." That was wrong. Next update by' in whole
    assert ">" not in whole
    short = sms_text(words, BERLIN, most=1)
    assert 'At 15:56 UTC: "We have found it. ..." Next update by' in short


def test_plainer_keeps_what_the_network_knows() -> None:
    assert plainer("Größe: 5 € ñ") == "Größe: 5 € ñ"


def test_the_stand_in_keeps_time_in_utc(outside: Outside, twilio: TwilioTransport) -> None:
    before = datetime.now(UTC).timestamp()
    sent(twilio)
    assert outside.taken("twilio")[0].at >= before - 1
