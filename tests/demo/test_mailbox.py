"""The demo's mailbox: whoever follows a line of it reads the letter, and can still have it as it arrived."""

import json
import re
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from demo.letter import read_letter
from demo.mailbox import PER_PAGE

AT = 1_772_460_000.0


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.ROOT_URLCONF = "demo.urls"
    settings.DEMO_MAIL_DIR = tmp_path
    return tmp_path


def letter(html: str = "") -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Checkout is <failing>", "Status <status@example.com>", "anna@example.com"
    message["Message-ID"], message["X-Delivery-Key"] = "<k1@example.com>", "k1"
    message.set_content("Some cards fail.\n\nRead https://status.example.com/ & wait.\n")
    if html:
        message.add_alternative(html, subtype="html")
    return message


def keep(folder: Path, message: EmailMessage, mail_id: str = "17-0") -> bytes:
    raw = message.as_bytes()
    (folder / f"{mail_id}.eml").write_bytes(raw)
    (folder / f"{mail_id}.json").write_text(json.dumps({"to": ["anna@example.com"], "from": "status@example.com", "at": AT}))
    return raw


@pytest.mark.django_db
def test_a_line_of_the_mailbox_leads_to_the_letter_and_from_there_to_the_raw_one(folder: Path, client: Client) -> None:
    kept = keep(folder, letter("<p>Some <strong>cards</strong> fail.</p>"))
    assert '<a href="/demo/mailbox/17-0/">Checkout is &lt;failing&gt;</a>' in client.get("/demo/mailbox/").content.decode()
    page = client.get("/demo/mailbox/17-0/").content.decode()
    for said in ("Checkout is &lt;failing&gt;", "Status &lt;status@example.com&gt;", "anna@example.com", "&lt;k1@example.com&gt;"):
        assert said in page
    assert "<p>Some <strong>cards</strong> fail.</p>" in page
    assert '<a href="https://status.example.com/" rel="nofollow">https://status.example.com/</a> &amp; wait.' in page
    assert "X-Delivery-Key" not in page
    assert 'href="/demo/mailbox/17-0.eml"' in page
    assert client.get("/demo/mailbox/17-0.eml").content == kept
    assert [one["id"] for one in client.get("/demo/mailbox/messages.json").json()] == ["17-0"]


@pytest.mark.django_db
def test_a_letter_without_html_is_read_as_text(folder: Path, client: Client) -> None:
    keep(folder, letter())
    page = client.get("/demo/mailbox/17-0/").content.decode()
    assert "This letter has no HTML part." in page
    assert "Some cards fail." in page


@pytest.mark.django_db
@pytest.mark.parametrize("mail_id", ["18-0", "..", "%2e%2e", "17-0.json"])
def test_there_is_no_letter_but_what_was_kept(folder: Path, client: Client, mail_id: str) -> None:
    keep(folder, letter())
    assert client.get(f"/demo/mailbox/{mail_id}/").status_code == 404


def test_what_could_harm_is_taken_out() -> None:
    found = read_letter(
        letter('<style>p{}</style><script>x()</script><p onclick="x()">a<img src=x><a href="javascript:x()">b</a></p>').as_bytes()
    )
    assert found.html == '<p>a<a rel="noopener noreferrer">b</a></p>'


def test_a_charset_that_nobody_knows_is_read_all_the_same() -> None:
    raw = b"Subject: x\r\nContent-Type: text/plain; charset=x-martian\r\n\r\nWords\r\n"
    assert read_letter(raw).text.strip() == "Words"


@pytest.mark.django_db
def test_the_mailbox_comes_in_pages_newest_first_and_is_searched_by_recipient(folder: Path, client: Client) -> None:
    for number in range(PER_PAGE + 2):
        keep(folder, letter(), f"17-{number:03}")
    (folder / "17-000.json").write_text(json.dumps({"to": ["Bo@Example.com"], "from": "status@example.com", "at": AT}))

    def shown(**asked: str) -> list[str]:
        page = client.get("/demo/mailbox/", asked).content.decode()
        return re.findall(r'/demo/mailbox/(17-\d+)/"', page)

    assert shown() == [f"17-{number:03}" for number in range(PER_PAGE + 1, 1, -1)]
    first = client.get("/demo/mailbox/").content.decode()
    assert 'href="?to=&amp;before=17-002" rel="next"' in first
    assert "Back to the newest" not in first
    assert shown(before="17-002") == ["17-001", "17-000"]
    assert "Older" not in client.get("/demo/mailbox/", {"before": "17-002"}).content.decode()
    assert shown(to=" bo@ex") == ["17-000"]
    assert "No letter has gone" in client.get("/demo/mailbox/", {"to": "nobody"}).content.decode()
    assert [one["id"] for one in client.get("/demo/mailbox/messages.json", {"to": "bo@example.com"}).json()] == ["17-000"]
    assert client.get("/demo/mailbox/messages.json", {"to": "bo@ex"}).json() == []
    assert len(client.get("/demo/mailbox/messages.json").json()) == PER_PAGE + 2
