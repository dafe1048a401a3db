"""Slack and Teams: what is posted, and what each answer means."""

import json
import logging
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.slack import LONGEST_SECTION, mrkdwn, slack_message
from notifications.rules.teams import LONGEST_MESSAGE, teams_message
from notifications.rules.times import zone_named
from notifications.transports.slack import SlackTransport
from notifications.transports.teams import TeamsTransport
from notifications.transports.telling import told_to
from tests.support.channels import letter, message
from tests.support.fakes import Outside

BERLIN = zone_named("Europe/Berlin")


@pytest.fixture
def slack(outside: Outside) -> Iterator[SlackTransport]:
    transport = SlackTransport()
    yield transport
    transport.close()


@pytest.fixture
def teams(outside: Outside) -> Iterator[TeamsTransport]:
    transport = TeamsTransport()
    yield transport
    transport.close()


def hook(outside: Outside) -> str:
    return f"{outside.base}/services/T000/B000/secret"


def flow(outside: Outside) -> str:
    return f"{outside.base}/workflows/f1/triggers/manual/paths/invoke?api-version=2016-06-01&sig=x"


def test_slack_takes_the_blocks(outside: Outside, slack: SlackTransport) -> None:
    assert next(slack.send([letter(hook(outside))])).outcome.value == "accepted"
    taken = outside.taken("slack")[0]
    assert taken.title == "Status: Some checkouts fail"
    assert "Cards are *refused*." in taken.text
    assert "*Checkout:* partial outage" in taken.text
    assert "Ledger" not in json.dumps(taken.extra)
    assert "15:30 CET" in json.dumps(taken.extra["body"])


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("500", "transient"),
        ("429", "transient"),
        ("400", "refused"),
        ("drop_after", "ambiguous"),
        ("slow", "ambiguous"),
        ("redirect", "ambiguous"),
    ],
)
def test_what_slacks_answers_mean(outside: Outside, slack: SlackTransport, fault: str, outcome: str) -> None:
    outside.script("slack", fault)
    assert next(slack.send([letter(hook(outside))])).outcome.value == outcome
    assert outside.requests("slack") == 1


def test_slack_may_answer_200_and_not_take_it(outside: Outside, slack: SlackTransport) -> None:
    outside.stand_ins.slack.says_not_ok = 1
    answer = next(slack.send([letter(hook(outside))]))
    assert (answer.outcome.value, answer.detail) == ("transient", "ratelimited")


def test_a_hook_that_is_gone_is_not_called_again(outside: Outside, slack: SlackTransport) -> None:
    outside.stand_ins.slack.gone.add("/services/T000/B000/secret")
    answer = next(slack.send([letter(hook(outside))]))
    assert (answer.outcome.value, answer.detail) == ("bad_address", "no_service")


def test_the_address_of_a_hook_is_a_secret_and_stays_out_of_the_log(
    outside: Outside, slack: SlackTransport, teams: TeamsTransport, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    outside.script("slack", "drop_after")
    next(slack.send([letter(hook(outside))]))
    next(teams.send([letter(flow(outside))]))
    assert "B000" not in caplog.text
    assert "sig=x" not in caplog.text


def test_nothing_a_writer_types_calls_a_whole_channel() -> None:
    words = told_to(message(title="<!channel> & <@U1>", body="<!here> and **[x](https://e.com/a|b>c)** `<!everyone>`"), "customers")
    said = json.dumps(slack_message(words, BERLIN), ensure_ascii=False)
    assert "<!" not in said.replace("&lt;!", "").replace('"text": "<!channel> & <@U1>"', "")
    assert "<@" not in said.replace('"text": "<!channel> & <@U1>"', "")


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("**bold** and *soft*", "*bold* and _soft_"),
        ("[here](https://e.com/)", "<https://e.com/|here>"),
        ("- one\n- two", "• one\n• two"),
        ("a < b & c", "a &lt; b &amp; c"),
        ("one\n\ntwo", "one\n\ntwo"),
        ("`x`", "`x`"),
        (
            "This is wrong:\n\n> We *found* it.\n>\n> It is a disk.\n\nRight is:",
            "This is wrong:\n\n> We _found_ it.\n>\n> It is a disk.\n\nRight is:",
        ),
    ],
)
def test_markdown_in_slacks_marks(markdown: str, expected: str) -> None:
    assert mrkdwn(markdown) == expected


@given(st.text(max_size=20_000))
def test_slacks_limits_hold_whatever_is_written(body: str) -> None:
    said = slack_message(told_to(message(title=body[:400] or "x", body=body), "customers"), BERLIN)
    assert len(said["blocks"]) <= 50
    for block in said["blocks"]:
        if block["type"] == "section":
            assert 1 <= len(block["text"]["text"]) <= LONGEST_SECTION
    assert len(said["blocks"][0]["text"]["text"]) <= 150


def test_teams_takes_the_card(outside: Outside, teams: TeamsTransport) -> None:
    answer = next(teams.send([letter(flow(outside))]))
    assert (answer.outcome.value, answer.code) == ("accepted", 202)
    assert outside.taken("teams")[0].title == "Some checkouts fail"


def test_a_quotation_stands_in_a_box_of_its_own_in_teams() -> None:
    said = json.loads(
        teams_message(told_to(message(body="At 15:56 we said:\n\n> We have found it.\n\nThat was wrong."), "customers"), BERLIN)
    )
    body = said["attachments"][0]["content"]["body"]
    assert body[2] == {
        "type": "Container",
        "style": "emphasis",
        "items": [{"type": "TextBlock", "text": "We have found it.", "wrap": True}],
    }
    assert [block["text"] for block in (body[1], body[3])] == ["At 15:56 we said:", "That was wrong."]
    assert "\\>" not in json.dumps(body)


def test_slack_and_teams_say_when_more_follows() -> None:
    words = told_to(message(), "customers")
    sections = [block["text"]["text"] for block in slack_message(words, BERLIN)["blocks"] if block["type"] == "section"]
    assert "*Next update by:* 2 Mar 2026, 15:30 CET (14:30 UTC)" in sections[-1]
    assert "2 Mar 2026, 15:30 CET (14:30 UTC)" in teams_message(words, BERLIN).decode()


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        ("404", "bad_address"),
        ("401", "bad_address"),
        ("429", "transient"),
        ("500", "transient"),
        ("400", "refused"),
        ("drop_after", "ambiguous"),
    ],
)
def test_what_teams_answers_mean(outside: Outside, teams: TeamsTransport, fault: str, outcome: str) -> None:
    outside.script("teams", fault)
    assert next(teams.send([letter(flow(outside))])).outcome.value == outcome


def test_a_card_that_would_be_too_long_is_cut_between_paragraphs_and_says_so(outside: Outside, teams: TeamsTransport) -> None:
    body = "\n\n".join(f"Paragraph {number}. " + "ä" * 900 for number in range(60))
    assert next(teams.send([letter(flow(outside), message(body=body))])).outcome.value == "accepted"
    assert "The rest stands on the page." in outside.taken("teams")[0].text


@given(st.text(max_size=12_000))
def test_a_card_is_never_longer_than_teams_shows(body: str) -> None:
    assert len(teams_message(told_to(message(title="x", body=body), "customers"), BERLIN)) <= LONGEST_MESSAGE
