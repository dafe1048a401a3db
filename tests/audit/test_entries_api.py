"""Reading the log through the API."""

import hashlib
import json

import pytest
from django.test import Client

from accounts.rules.scopes import Scope
from accounts.services.tokens import create_token
from audit.services import unit_of_work
from core.clock import utc_now
from tests.support.cast import NOW, Cast

LIST = "/api/v1/audit/entries/"


@pytest.fixture
def log(cast: Cast) -> None:
    """Three entries."""
    with unit_of_work(actor="system:test", now=NOW) as work:
        for index in range(3):
            work.record("thing.made" if index else "thing.found", subject=f"thing:{index}", body={"n": index, "words": "schön"})


def browser(cast: Cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.user(name), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_entry_carries_all_that_its_leaf_is_made_of(cast: Cast, log: None) -> None:
    entry = browser(cast, "auditor").get(f"{LIST}1/").json()
    envelope, body, salt = (bytes.fromhex(entry[name]) for name in ("envelope", "body", "salt"))
    assert hashlib.sha256(b"\x00" + envelope).hexdigest() == entry["leaf"]
    assert hashlib.sha256(salt + body).hexdigest() == entry["commit"] == json.loads(envelope)["commit"]
    assert json.loads(body) == entry["content"] == {"n": 1, "words": "schön"}
    assert (entry["index"], entry["type"], entry["subject"], entry["actor"]) == (1, "thing.made", "thing:1", "system:test")


def test_the_log_is_listed_newest_first_in_pages(cast: Cast, log: None) -> None:
    client = browser(cast, "auditor")
    page = client.get(f"{LIST}?page_size=2").json()
    assert [entry["index"] for entry in page["results"]] == [2, 1]
    assert page["previous"] is None
    assert [entry["index"] for entry in client.get(page["next"]).json()["results"]] == [0]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=thing.made", [2, 1]),
        ("subject=thing:0", [0]),
        ("actor=user:nobody", []),
        ("since=2026-03-02T14:00:00Z", [2, 1, 0]),
        ("until=2026-03-02T14:00:00Z", []),
    ],
)
def test_the_log_is_filtered(cast: Cast, log: None, query: str, expected: list[int]) -> None:
    assert [entry["index"] for entry in browser(cast, "admin").get(f"{LIST}?{query}").json()["results"]] == expected


@pytest.mark.parametrize("query", ["since=yesterday", "kind=thing.made", "cursor=x"])
def test_a_filter_that_cannot_be_read_is_refused(cast: Cast, log: None, query: str) -> None:
    answer = browser(cast, "auditor").get(f"{LIST}?{query}")
    assert answer.status_code in {400, 404}
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["outsider", "commander", "techlead", "comms", "legal", "responder"])
def test_others_read_nothing_of_it(cast: Cast, log: None, name: str) -> None:
    for path in (LIST, f"{LIST}1/", f"{LIST}99/"):
        answer = browser(cast, name).get(path)
        assert answer.status_code == 403
        assert "thing" not in answer.content.decode()
    assert Client().get(LIST).status_code == 401


def test_an_auditors_token_reads_it_and_an_outsiders_does_not(cast: Cast, log: None) -> None:
    def status(user: str) -> int:
        _, token = create_token(
            actor=cast.system(), now=utc_now(), user=cast.user(user), name="x", scopes=[Scope.READ], lifetime=NOW - NOW.replace(day=1)
        )
        return Client().get(LIST, headers={"Authorization": f"Bearer {token}"}).status_code

    assert (status("auditor"), status("outsider")) == (200, 403)


def test_nothing_can_be_written_through_it(cast: Cast, log: None) -> None:
    client = browser(cast, "admin")
    for method in (client.post, client.put, client.patch, client.delete):
        assert method(f"{LIST}1/").status_code == 405
