"""The page beside the demo's mailbox: what the other providers accepted, and answering a text message."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from demo.fakes.journal import Journal, Taken
from demo.fakes.server import Providers
from demo.fakes.telling import Teller
from tests.support.fakes import Outside, providers

pytestmark = pytest.mark.urls("demo.urls")


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.DEMO_PROVIDERS_DIR = settings.DEMO_MAIL_DIR = tmp_path
    settings.DEMO_PROVIDERS_URL = "http://127.0.0.1:9"
    return tmp_path


@pytest.mark.django_db
def test_what_was_accepted_stands_there_newest_first(folder: Path) -> None:
    journal = Journal(folder / "journal.jsonl")
    journal.take(Taken("twilio", "+4915112345678", "SM1", text="Status: one"), Taken("webhook", "acme", "k", text='{"a":"two"}'))
    page = Client().get("/demo/messages/").content.decode()
    assert page.index("two") < page.index("Status: one")
    assert "two" not in Client().get("/demo/messages/?provider=twilio").content.decode()


@pytest.mark.django_db
def test_nothing_yet_says_how_to_begin(folder: Path) -> None:
    assert "Send a test on a channel" in Client().get("/demo/messages/").content.decode()


@pytest.mark.django_db
def test_an_answer_that_nobody_takes_is_said_to_be_none(folder: Path) -> None:
    page = Client().post("/demo/messages/", {"number": "+4915112345678", "text": "STOP"}, follow=True).content.decode()
    assert "Nothing was answered" in page


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Any:
    calls: list[tuple[str, Any, dict[str, str]]] = []

    async def post(self: Teller, url: str, *, data: Any, headers: dict[str, str]) -> int:
        calls.append((url, data, headers))
        return 204

    monkeypatch.setattr("demo.fakes.telling.SOON", 0.0)
    monkeypatch.setattr(Teller, "_post", post)
    return calls


def test_the_stand_ins_tell_what_became_of_a_message(told: Any) -> None:
    stand_ins = Providers(Journal())
    teller = Teller(stand_ins, "http://console")

    async def run() -> None:
        for number in ("+4915112345678", "+4915112330005"):
            stand_ins.twilio.messages[number] = {"to": number, "from": None}
            teller.heard(Taken("twilio", number, number, extra={"callback": "http://console/hooks/twilio/status/?key=1"}))
        teller.heard(Taken("sendgrid", "gone@example.net", "m", extra={"custom_args": {"delivery_key": "k"}}))
        teller.heard(Taken("slack", "x", "y"))
        while teller._tasks:
            await asyncio.sleep(0.01)

    asyncio.run(run())
    statuses = sorted((data["MessageStatus"], data.get("ErrorCode", "")) for _, data, _ in told if isinstance(data, dict))
    assert statuses == [("delivered", ""), ("sent", ""), ("sent", ""), ("undelivered", "30005")]
    assert b'"bounce"' in next(data for _, data, _ in told if isinstance(data, bytes))


def test_the_journal_outlives_the_process(tmp_path: Path) -> None:
    with providers(journal=tmp_path / "journal.jsonl") as outside:
        assert isinstance(outside, Outside)
        outside.stand_ins.journal.take(Taken("slack", "x", "y"))
    assert "slack" in (tmp_path / "journal.jsonl").read_text()
