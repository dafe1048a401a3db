"""The policy over the API."""

from datetime import timedelta

import pytest
from django.test import Client

from accounts.rules.scopes import Scope
from accounts.services.tokens import create_token
from core.clock import utc_now
from policies.models import PolicyVersion
from policies.queries import active_policy
from policies.rules.schema import policy_schema
from tests.policies.test_document import GOOD
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db


def test_the_version_in_force_is_read_with_its_rules(cast: Cast) -> None:
    found = cast.client("responder").get("/api/v1/policies/active/").json()
    assert (found["number"], found["state"]) == (2, "active")
    assert found["rules"][0]["key"] == "watching-flagged"
    assert found["rules"][-1]["when"] == {}


def test_versions_are_listed_newest_first_and_filtered(cast: Cast) -> None:
    PolicyVersion.objects.create(number=3, state="draft", rules=[], created_by=cast.admin, created_at=NOW)
    client = cast.client("auditor")
    listed = client.get("/api/v1/policies/").json()
    assert set(listed) == {"next", "previous", "results"}
    assert [(row["number"], row["created_by"]) for row in listed["results"]] == [(3, "admin"), (2, None), (1, None)]
    assert [row["number"] for row in client.get("/api/v1/policies/?state=active").json()["results"]] == [2]
    assert client.get("/api/v1/policies/3/").json()["state"] == "draft"


def test_an_unknown_version_is_not_found(cast: Cast) -> None:
    answer = cast.client("auditor").get("/api/v1/policies/99/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/v1/policies/", "/api/v1/policies/1/", "/api/v1/policies/99/", "/api/v1/policies/active/"])
def test_the_outsider_reads_no_policy(cast: Cast, path: str) -> None:
    assert cast.client("outsider").get(path).status_code == 403


def draft_by_api(cast: Cast) -> int:
    answer = cast.client("admin").post("/api/v1/policies/", {"rules": GOOD, "note": "From outside."}, content_type="application/json")
    assert answer.status_code == 201
    assert answer["ETag"] == '"1"'
    return int(answer.json()["number"])


def test_a_draft_is_written_proposed_and_put_in_force_over_sessions(cast: Cast) -> None:
    number = draft_by_api(cast)
    admin, commander, address = cast.client("admin"), cast.client("commander"), f"/api/v1/policies/{number}/"
    rules = [{**GOOD[0], "words": "Said otherwise."}, GOOD[1]]
    assert admin.patch(address, {"rules": rules}, content_type="application/json").status_code == 428
    changed = admin.patch(address, {"rules": rules}, content_type="application/json", headers={"If-Match": '"1"'})
    assert (changed.json()["revision"], changed.json()["authors"]) == (2, ["admin"])
    assert admin.patch(address, {"note": "x"}, content_type="application/json", headers={"If-Match": '"1"'}).status_code == 412
    assert admin.post(f"{address}propose/").json()["state"] == "proposed"
    assert admin.post(f"{address}withdraw/").json()["state"] == "draft"
    assert admin.delete(address).status_code == 204
    number = draft_by_api(cast)
    admin.post(f"/api/v1/policies/{number}/propose/")
    own = admin.post(f"/api/v1/policies/{number}/activate/")
    assert (own.status_code, own.json()["code"]) == (403, "own_version")
    assert commander.post(f"/api/v1/policies/{number}/activate/").json()["state"] == "active"


def test_what_is_no_policy_is_refused_with_every_problem(cast: Cast) -> None:
    answer = cast.client("admin").post("/api/v1/policies/", {"rules": [{}, 1]}, content_type="application/json")
    assert answer.status_code == 400
    assert len(answer.json()["errors"]) == 3


def test_putting_in_force_takes_a_fresh_password(cast: Cast) -> None:
    number = draft_by_api(cast)
    cast.client("admin").post(f"/api/v1/policies/{number}/propose/")
    client = Client()
    client.force_login(cast.commander, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.post(f"/api/v1/policies/{number}/activate/")
    assert (answer.status_code, answer.json()["code"]) == (403, "step_up_required")


def test_a_token_reads_and_asks_but_writes_nothing(cast: Cast) -> None:
    scopes = [Scope.READ, Scope.INCIDENTS_WRITE]
    _, key = create_token(actor=cast.system(), now=utc_now(), user=cast.admin, name="policies", scopes=scopes, lifetime=timedelta(days=1))
    client = Client(headers={"Authorization": f"Bearer {key}"})
    assert client.get("/api/v1/policies/2/").status_code == 200
    assert client.post("/api/v1/policies/", {"rules": GOOD}, content_type="application/json").status_code == 403


def test_the_schema_and_the_rules_in_words_are_published(cast: Cast) -> None:
    client = cast.client("auditor")
    assert client.get("/api/v1/policies/schema/").json() == policy_schema()
    rows = client.get("/api/v1/policies/2/explanation/").json()
    assert [row["key"] for row in rows] == [rule["key"] for rule in active_policy().rules]
    assert rows[-1]["sentences"][0] == "In every other case."


def test_a_version_decides_over_facts_that_are_sent(cast: Cast) -> None:
    client = cast.client("responder")
    answer = client.post("/api/v1/policies/2/decide/", {"severity": "SEV3", "impact": "minor"}, content_type="application/json").json()
    assert answer["decision"]["rule_key"] == "customer-sev3"
    assert "it asks that severity is SEV1; here severity is SEV3" in answer["passed_over"][-2]["reasons"]
    wrong = client.post("/api/v1/policies/2/decide/", {"severity": "SEV9", "impact": "minor"}, content_type="application/json")
    assert wrong.status_code == 400


@pytest.mark.parametrize("name", ["outsider", "auditor"])
def test_others_write_nothing_over_the_api(cast: Cast, name: str) -> None:
    number = draft_by_api(cast)
    client, address = cast.client(name), f"/api/v1/policies/{number}/"
    assert client.post("/api/v1/policies/", {"rules": GOOD}, content_type="application/json").status_code == 403
    headers = {"If-Match": '"1"'}
    assert client.patch(address, {"note": "x"}, content_type="application/json", headers=headers).status_code == 403
    assert client.delete(address).status_code == 403
    for act in ("propose", "withdraw", "activate"):
        assert client.post(f"{address}{act}/").status_code == 403
