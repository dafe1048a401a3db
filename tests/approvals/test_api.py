"""Review and release over the API: a token asks, sessions decide."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.rules.scopes import Scope
from accounts.services.tokens import create_token
from core.clock import utc_now
from incidents.models import Update
from tests.approvals.acts import approve, approved, ask, draft, edit, state
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db


def with_token(cast: Cast, name: str, *scopes: Scope) -> Client:
    _, secret = create_token(
        actor=cast.system(), now=utc_now(), user=cast.user(name), name="test", scopes=frozenset(scopes), lifetime=timedelta(days=1)
    )
    return Client(headers={"authorization": f"Bearer {secret}"})


def post(client: Client, update: Update, act: str, body: dict[str, Any], **headers: str) -> tuple[int, dict[str, Any]]:
    if "csrftoken" in client.cookies:
        headers["X-CSRFToken"] = client.cookies["csrftoken"].value
    answer = client.post(f"/api/v1/updates/{update.public_id}/{act}/", body, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def verdict(kind: str = "technical", revision: int | str = 1, **other: str) -> dict[str, Any]:
    return {"kind": kind, "verdict": "approve", "revision": revision} | other


def test_a_token_asks_for_review(cast: Cast) -> None:
    update = draft(cast)
    code, answer = post(with_token(cast, "commander", Scope.UPDATES_WRITE), update, "request-review", {"revision": 1})
    assert code == 201
    assert update.current is not None
    assert (answer["update"], answer["revision"], answer["content_hash"]) == (update.public_id, 1, update.current.content_hash)
    assert [slot["kind"] for slot in answer["slots"]] == ["technical", "communications"]


def test_without_a_revision_the_newest_is_meant(cast: Cast) -> None:
    update = draft(cast)
    edit(cast, update)
    assert post(with_token(cast, "commander", Scope.UPDATES_WRITE), update, "request-review", {})[1]["revision"] == 2


@pytest.mark.parametrize("act", ["reviews", "release"])
def test_a_token_never_decides(cast: Cast, act: str) -> None:
    update = draft(cast)
    ask(cast, update)
    code, answer = post(with_token(cast, "techlead", *Scope), update, act, verdict())
    assert (code, answer["code"]) == (403, "forbidden")
    assert "a token is not enough" in answer["detail"]


def test_sessions_give_verdicts_on_the_hash_and_release(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    assert update.current is not None
    seen = update.current.content_hash
    code, answer = post(cast.client("techlead", enforce_csrf_checks=True), update, "reviews", verdict(revision=seen, comment="Right."))
    assert code == 201, answer
    assert (answer["kind"], answer["verdict"], answer["reviewer"], answer["content_hash"]) == ("technical", "approve", "techlead", seen)
    assert post(cast.client("comms", enforce_csrf_checks=True), update, "reviews", verdict("communications"))[0] == 201
    code, answer = post(cast.client("commander", enforce_csrf_checks=True), update, "release", {"revision": seen})
    assert code == 201, answer
    assert answer["url"] == f"/api/v1/releases/{answer['id']}/"
    assert (answer["update"], answer["content_hash"], answer["released_by"]) == (update.public_id, seen, "commander")
    assert state(update) == "released"


def test_a_second_release_is_a_conflict_but_the_same_request_repeated_is_not(cast: Cast) -> None:
    update = approved(cast)
    client = cast.client("commander", enforce_csrf_checks=True)
    first = post(client, update, "release", {"revision": 1}, **{"Idempotency-Key": "one"})
    assert post(client, update, "release", {"revision": 1}, **{"Idempotency-Key": "one"}) == first
    code, answer = post(client, update, "release", {"revision": 1})
    assert (code, answer["code"]) == (409, "already_released")


def test_a_session_without_the_csrf_header_decides_nothing(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    client = cast.client("techlead", enforce_csrf_checks=True)
    answer = client.post(f"/api/v1/updates/{update.public_id}/reviews/", verdict(), content_type="application/json")
    assert answer.status_code == 403
    assert not update.rounds.get().reviews.exists()


def test_a_time_to_come_is_accepted_for_later(cast: Cast) -> None:
    update = approved(cast)
    at = utc_now() + timedelta(hours=2)
    code, answer = post(cast.client("commander"), update, "release", {"revision": 1, "at": at.isoformat()})
    assert (code, answer["state"], answer["mode"]) == (202, "pending", "at_time")
    assert state(update) == "approved"


def test_an_outsider_finds_nothing(cast: Cast) -> None:
    update = approved(cast)
    client = cast.client("outsider")
    for act in ("request-review", "reviews", "release"):
        code, answer = post(client, update, act, verdict())
        assert (code, answer["code"]) == (404, "not_found")
    assert client.get(f"/api/v1/updates/{update.public_id}/reviews/").status_code == 404


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"verdict": "approve", "revision": 1}, "kind"),
    ({"kind": "technical", "verdict": "maybe", "revision": 1}, "verdict"),
    ({"kind": "technical", "verdict": "approve"}, "revision"),
    ({"kind": "technical", "verdict": "approve", "revision": True}, "revision"),
    ({"kind": "technical", "verdict": "approve", "revision": 1.5}, "revision"),
    ({"kind": "technical", "verdict": "approve", "revision": 99}, "revision"),
    ({"kind": "technical", "verdict": "approve", "revision": "0" * 64}, "revision"),
    ({"kind": "technical", "verdict": "approve", "revision": 10**30}, "revision"),
    ({"kind": "technical", "verdict": "request_changes", "revision": 1}, "comment"),
    ({"kind": "technical", "verdict": "approve", "revision": 1, "note": "?"}, "note"),
]


def test_what_is_wrong_is_named_by_field(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    client = cast.client("techlead")
    for body, field in WRONG:
        code, answer = post(client, update, "reviews", body)
        assert code == 400, (body, answer)
        assert [error["field"] for error in answer["errors"]] == [field]
    assert not update.rounds.get().reviews.exists()


def test_words_that_changed_are_out_of_date(cast: Cast) -> None:
    update = draft(cast)
    edit(cast, update)
    ask(cast, update)
    code, answer = post(cast.client("techlead"), update, "reviews", verdict(revision=1))
    assert (code, answer["code"]) == (412, "stale")


def test_verdicts_are_listed_newest_first_and_filtered(cast: Cast) -> None:
    update = draft(cast)
    ask(cast, update)
    approve(cast, update)
    edit(cast, update)
    client = with_token(cast, "auditor", Scope.READ)
    url = f"/api/v1/updates/{update.public_id}/reviews/"
    listed = client.get(url).json()
    assert listed.keys() == {"next", "previous", "results"}
    assert [review["kind"] for review in listed["results"]] == ["communications", "technical"]
    assert {review["round_state"] for review in listed["results"]} == {"voided"}
    only = client.get(url, {"kind": "technical"}).json()["results"]
    assert [review["reviewer"] for review in only] == ["techlead"]
