"""Checking words over the API, and reading the rule sets."""

from typing import Any

import pytest
from django.http.response import HttpResponseBase

from screening.rules.rule_set import EMPTY
from screening.services import save_rule_set
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db
CHECK = "/api/v1/screening/check/"


def post(cast: Cast, name: str, body: dict[str, Any]) -> HttpResponseBase:
    return cast.client(name).post(CHECK, body, content_type="application/json")


def test_words_are_checked_with_places_reasons_and_safer_words(cast: Cast) -> None:
    answer: Any = post(cast, "responder", {"title": "Checkout", "body": "Failover of db-prod-3 done"})
    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert (said["rule_set"], said["blocked"]) == (1, True)
    (finding,) = said["findings"]
    assert finding == {
        "rule": "host.pattern",
        "group": "sensitive",
        "severity": "block",
        "field": "body",
        "start": 12,
        "end": 21,
        "excerpt": "db-prod-3",
        "message": "This looks like the name of a machine.",
        "safer": "one of our servers",
        "why": finding["why"],
    }
    assert finding["why"]


def test_the_audience_decides_who_reads_it(cast: Cast) -> None:
    body = {"body": "Failover of db-prod-3 done"}
    inside: Any = post(cast, "responder", body | {"audience": "internal"})
    nobody: Any = post(cast, "responder", body | {"audience": "nobody-we-know"})
    assert inside.json()["findings"] == []
    assert nobody.json()["blocked"] is True


def test_a_confirmed_cause_may_be_named(cast: Cast) -> None:
    body = {"body": "Errors due to a failed disk"}
    unsure: Any = post(cast, "responder", body)
    sure: Any = post(cast, "responder", body | {"cause_confidence": "confirmed"})
    assert [one["rule"] for one in unsure.json()["findings"]] == ["speculation.cause"]
    assert sure.json() == {"rule_set": 1, "blocked": False, "findings": []}


def test_a_secret_does_not_come_back(cast: Cast) -> None:
    secret = "AKIA" + "Q3EGRV7ZP2MXK4TN"
    answer: Any = post(cast, "responder", {"body": f"Key {secret}"})
    assert answer.json()["blocked"] is True
    assert secret not in answer.content.decode()


def test_what_is_longer_than_an_update_can_be_is_refused(cast: Cast) -> None:
    answer: Any = post(cast, "responder", {"body": "10.0.0.1 " * 200_000})
    assert answer.status_code in {400, 413}
    assert answer["Content-Type"] == "application/problem+json"
    assert post(cast, "responder", {"title": "x" * 201}).status_code == 400


def test_the_outsider_checks_and_reads_nothing(cast: Cast) -> None:
    assert post(cast, "outsider", {"body": "x"}).status_code == 403
    client = cast.client("outsider")
    for address in ("/api/v1/screening/rule-sets/", "/api/v1/screening/rule-sets/active/", "/api/v1/screening/rule-sets/1/"):
        assert client.get(address).status_code == 403


def test_rule_sets_are_readable_newest_first(cast: Cast) -> None:
    save_rule_set(actor=cast.actor("comms"), now=NOW, document=EMPTY, base=1, note="Nothing new")
    client = cast.client("auditor")
    listed = client.get("/api/v1/screening/rule-sets/").json()["results"]
    assert [(one["number"], one["state"], one["created_by"]) for one in listed] == [(2, "draft", "comms"), (1, "active", None)]
    drafts = client.get("/api/v1/screening/rule-sets/", {"state": "draft"}).json()["results"]
    assert [one["number"] for one in drafts] == [2]
    assert client.get("/api/v1/screening/rule-sets/active/").json()["document"] == EMPTY
    assert client.get("/api/v1/screening/rule-sets/2/").json()["note"] == "Nothing new"
    assert client.get("/api/v1/screening/rule-sets/9/").status_code == 404
