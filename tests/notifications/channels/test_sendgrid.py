"""E-mail by SendGrid, through its own SDK, into a stand-in that checks what SendGrid checks."""

import logging
from collections.abc import Iterator, Sequence

import pytest
from pytest_django import Settings

from notifications.rules.states import MessageKind, Outcome
from notifications.rules.times import readers
from notifications.transports.contract import Answer, ChannelDown, Letter
from notifications.transports.sendgrid import MOST, SendGridTransport
from tests.support.cast import NOW
from tests.support.channels import letter, message
from tests.support.fakes import Outside


@pytest.fixture
def sendgrid(outside: Outside) -> Iterator[SendGridTransport]:
    transport = SendGridTransport()
    yield transport
    transport.close()


def outcomes(answers: Sequence[Answer]) -> list[str]:
    return [answer.outcome.value for answer in answers]


def people(number: int) -> list[Letter]:
    return [letter(f"reader{n}@example.com", number=n) for n in range(number)]


def test_one_call_carries_everybody_of_a_wording(outside: Outside, sendgrid: SendGridTransport) -> None:
    letters = people(MOST)
    answers = list(sendgrid.send(letters))
    assert outcomes(answers) == ["accepted"] * MOST
    assert outside.requests("sendgrid") == 1
    assert [taken.key for taken in outside.taken("sendgrid")] == [str(one.key) for one in letters]
    assert answers[0].provider_id == outside.taken("sendgrid")[0].id


def test_a_window_is_more_than_one_call_may_carry(outside: Outside, sendgrid: SendGridTransport) -> None:
    letters = people(MOST + 2)
    assert len(letters) <= sendgrid.window
    assert outcomes(list(sendgrid.send(letters))) == ["accepted"] * len(letters)
    assert outside.requests("sendgrid") == 2
    assert [taken.key for taken in outside.taken("sendgrid")] == [one.key for one in letters]


def test_each_reader_has_a_key_a_way_out_and_times_of_their_own_zone(outside: Outside, sendgrid: SendGridTransport) -> None:
    here, there = letter("a@example.com", zone="Europe/Berlin", number=1), letter("b@example.com", zone="Asia/Tokyo", number=2)
    list(sendgrid.send([here, there]))
    first, second = outside.taken("sendgrid")
    assert outside.requests("sendgrid") == 1
    assert first.extra["custom_args"] == {"delivery_key": str(here.key)}
    assert first.extra["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert first.extra["headers"]["List-Unsubscribe"] != second.extra["headers"]["List-Unsubscribe"]
    assert first.extra["headers"]["List-Unsubscribe"].strip("<>") in first.text
    assert "15:30 CET" in first.text
    assert "23:30 JST" in second.text
    assert "HERE-X" not in first.text + second.text
    assert "Ledger" not in first.text


def test_times_inside_a_notice_are_said_to_each_reader(outside: Outside, sendgrid: SendGridTransport) -> None:
    notice = message(body=f"It was due {readers(NOW)}.", kind=MessageKind.NOTICE)
    list(sendgrid.send([letter("a@example.com", notice, zone="Europe/Berlin"), letter("b@example.com", notice, zone="Asia/Tokyo")]))
    assert outside.requests("sendgrid") == 1
    first, second = outside.taken("sendgrid")
    assert "It was due 2 Mar 2026, 15:00 CET (14:00 UTC)." in first.text
    assert "It was due 2 Mar 2026, 23:00 JST (14:00 UTC)." in second.text


def test_what_people_wrote_for_a_release_stays_as_they_approved_it(outside: Outside, sendgrid: SendGridTransport) -> None:
    typed = f"We wrote {readers(NOW)}."
    list(sendgrid.send([letter("a@example.com", message(body=typed))]))
    assert typed in outside.taken("sendgrid")[0].text


def test_different_messages_go_in_different_calls(outside: Outside, sendgrid: SendGridTransport) -> None:
    other = message(number=2, title="Mail is late")
    list(sendgrid.send([letter("a@example.com"), letter("b@example.com", other), letter("c@example.com")]))
    assert outside.requests("sendgrid") == 2
    assert sorted((taken.to, taken.title) for taken in outside.taken("sendgrid")) == [
        ("a@example.com", "Some checkouts fail"),
        ("b@example.com", "Mail is late"),
        ("c@example.com", "Some checkouts fail"),
    ]


def test_an_address_that_sendgrid_does_not_take_costs_nobody_else_theirs(outside: Outside, sendgrid: SendGridTransport) -> None:
    letters = [*people(3), letter("no-dot@localhost"), letter("last@example.com")]
    answers = list(sendgrid.send(letters))
    assert outcomes(answers) == ["accepted"] * 3 + ["bad_address", "accepted"]
    assert len(outside.taken("sendgrid")) == 4


def test_a_call_refused_without_a_reason_is_made_again_in_halves(outside: Outside, sendgrid: SendGridTransport) -> None:
    outside.script("sendgrid", "413")
    assert outcomes(list(sendgrid.send(people(8)))) == ["accepted"] * 8
    assert outside.requests("sendgrid") == 3
    assert len({taken.key for taken in outside.taken("sendgrid")}) == 8


@pytest.mark.parametrize(
    ("fault", "outcome", "taken"),
    [
        ("429", Outcome.THROTTLED, 0),
        ("401", Outcome.CONFIGURATION, 0),
        ("403", Outcome.CONFIGURATION, 0),
        ("500", Outcome.TRANSIENT, 0),
        ("503", Outcome.TRANSIENT, 0),
        ("504", Outcome.AMBIGUOUS, 0),
        ("drop_before", Outcome.AMBIGUOUS, 0),
        ("drop_after", Outcome.AMBIGUOUS, 3),
        ("slow", Outcome.AMBIGUOUS, 0),
        ("huge", Outcome.ACCEPTED, 3),
        ("redirect", Outcome.REFUSED, 0),
    ],
)
def test_what_each_answer_means(outside: Outside, sendgrid: SendGridTransport, fault: str, outcome: Outcome, taken: int) -> None:
    outside.script("sendgrid", fault)
    assert outcomes(list(sendgrid.send(people(3)))) == [outcome.value] * 3
    assert len(outside.taken("sendgrid")) == taken
    assert outside.requests("sendgrid") == 1


def test_after_a_refusal_of_us_nothing_more_is_sent(outside: Outside, sendgrid: SendGridTransport) -> None:
    outside.script("sendgrid", "429")
    letters = [letter("a@example.com"), letter("b@example.com", message(number=2))]
    assert outcomes(list(sendgrid.send(letters))) == ["throttled", "not_sent"]
    assert outside.requests("sendgrid") == 1


def test_a_key_that_is_wrong_is_our_fault_and_one_that_is_missing_is_told_before(
    outside: Outside, sendgrid: SendGridTransport, settings: Settings
) -> None:
    settings.SENDGRID_API_KEY = "SG.other"
    assert outcomes(list(sendgrid.send(people(1)))) == ["configuration"]
    settings.SENDGRID_API_KEY = ""
    with pytest.raises(ChannelDown, match="SENDGRID_API_KEY"):
        sendgrid.ready()


def test_a_sender_that_is_not_taken_is_our_fault(outside: Outside, sendgrid: SendGridTransport, settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "status@localhost"
    assert outcomes(list(sendgrid.send(people(4)))) == ["configuration"] * 4
    assert outside.requests("sendgrid") == 1


def test_a_letter_that_cannot_be_written_costs_nobody_else_theirs(outside: Outside, sendgrid: SendGridTransport) -> None:
    bad = message(number=2, title="ok")
    bad = type(bad)(2, "m", bad.kind, {"somebody": bad.wording["customers"]}, bad.facts)
    assert outcomes(list(sendgrid.send([letter("a@example.com"), letter("b@example.com", bad)]))) == ["accepted", "refused"]


def test_no_address_reaches_the_log_whatever_its_level(
    outside: Outside, sendgrid: SendGridTransport, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    list(sendgrid.send(people(2)))
    assert "reader0" not in caplog.text
