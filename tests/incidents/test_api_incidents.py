"""Incidents by API: open, read, list, change, and what the hidden ones look like."""

from typing import Any

import pytest

from accounts.rules.scopes import Scope
from incidents.models import Incident
from tests.incidents.conftest import Api
from tests.support.cast import Cast
from tests.support.factories import make_component, make_incident
from tests.support.log import audit_types

pytestmark = pytest.mark.django_db

NEW: dict[str, Any] = {
    "title": "Checkout answers with errors", "severity": "SEV2", "impact": "major", "stage": "confirmed", "category": "network",
    "customer_facing": True, "components": [],
}  # fmt: skip


def test_a_program_opens_an_incident_and_reads_what_the_policy_decided(api: Api) -> None:
    by_key, by_id = make_component(key="checkout"), make_component()
    client = api("commander")
    answer = client.post("/api/v1/incidents/", NEW | {"components": ["checkout", by_id.public_id]})
    assert answer.status_code == 201, answer.content
    opened = answer.json()
    assert answer["location"] == f"/api/v1/incidents/{opened['id']}/"
    assert answer["etag"] == '"1"'
    assert {component["id"] for component in opened["components"]} == {by_key.public_id, by_id.public_id}
    assert opened["status"] == "investigating"
    assert opened["commander"] == "commander"
    assert opened["decision"]["outcome"] == "required"
    assert opened["decision"]["facts"]["category"] == "network"
    assert opened["next_update"]["overdue"] is False
    read = client.get(f"/api/v1/incidents/{opened['id']}/")
    assert read.json() == opened
    assert client.get("/api/v1/updates/", {"incident": opened["id"]}).json()["results"][0]["state"] == "draft"


def test_a_body_that_cannot_be_used_names_field_and_cure(api: Api) -> None:
    client = api("commander")
    answer = client.post("/api/v1/incidents/", {"severity": "SEV9", "impact": 3, "colour": "red"})
    assert answer.status_code == 400
    assert answer["content-type"] == "application/problem+json"
    assert "Unknown field" in str(answer.json())
    answer = client.post("/api/v1/incidents/", NEW | {"severity": "SEV9", "title": " "})
    assert {error["field"] for error in answer.json()["errors"]} == {"severity", "title"}
    assert "SEV1, SEV2" in str(answer.json())
    answer = client.post("/api/v1/incidents/", NEW | {"components": ["nowhere"]})
    assert [error["field"] for error in answer.json()["errors"]] == ["components"]
    assert "nowhere" in answer.json()["errors"][0]["detail"]
    answer = client.post("/api/v1/incidents/", NEW | {"title": "two\nlines"})
    assert answer.status_code == 400
    assert not Incident.objects.exists()


def test_the_same_key_opens_one_incident(api: Api) -> None:
    client = api("commander")
    first = client.post("/api/v1/incidents/", NEW, headers={"idempotency-key": "k1"})
    again = client.post("/api/v1/incidents/", NEW, headers={"idempotency-key": "k1"})
    assert (again.status_code, again.content) == (201, first.content)
    assert client.post("/api/v1/incidents/", NEW | {"severity": "SEV1"}, headers={"idempotency-key": "k1"}).status_code == 422
    assert Incident.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "scopes"), [("outsider", ()), ("auditor", ()), ("commander", (Scope.READ,)), ("commander", (Scope.UPDATES_WRITE,))]
)
def test_who_may_not_open_is_refused(api: Api, name: str, scopes: tuple[Scope, ...]) -> None:
    answer = api(name, *scopes).post("/api/v1/incidents/", NEW)
    assert answer.status_code == 403
    assert not Incident.objects.exists()


def test_a_change_needs_the_version_it_was_made_against(api: Api, cast: Cast) -> None:
    incident = make_incident(severity="SEV3")
    client, path = api("techlead"), f"/api/v1/incidents/{incident.public_id}/"
    assert client.patch(path, {"severity": "SEV1"}).status_code == 428
    assert client.patch(path, {"severity": "SEV1"}, headers={"if-match": '"7"'}).status_code == 412
    answer = client.patch(path, {"severity": "SEV1"}, headers={"if-match": '"1"'})
    assert (answer.status_code, answer["etag"]) == (200, '"2"')
    assert answer.json()["severity"] == "SEV1"
    assert answer.json()["decision"]["facts"]["severity"] == "SEV1"
    assert client.patch(path, {"severity": "SEV2"}, headers={"if-match": '"1"'}).status_code == 412
    assert "incident.changed" in audit_types(f"incident:{incident.public_id}")
    assert client.patch(path, {"status": "resolved"}, headers={"if-match": '"2"'}).status_code == 400


def test_lists_are_narrowed_and_misspelt_filters_refused(api: Api) -> None:
    make_incident(severity="SEV1")
    make_incident(severity="SEV3", stage="watching")
    client = api("responder")

    def severities(**filters: str) -> list[str]:
        return [found["severity"] for found in client.get("/api/v1/incidents/", filters).json()["results"]]

    assert severities() == ["SEV3", "SEV1"]
    assert severities(severity="SEV1") == ["SEV1"]
    assert severities(stage="watching") == ["SEV3"]
    assert severities(status="resolved") == []
    assert severities(since="2026-03-02T14:00:00Z") == ["SEV3", "SEV1"]
    assert severities(since="2026-03-02T14:00:01Z") == []
    assert client.get("/api/v1/incidents/", {"severity": "SEV9"}).status_code == 400
    assert client.get("/api/v1/incidents/", {"sevrity": "SEV1"}).status_code == 400
    assert client.get("/api/v1/incidents/", {"since": "yesterday"}).status_code == 400


def test_a_list_takes_few_queries_however_long(api: Api, django_assert_max_num_queries: Any) -> None:
    component = make_component()
    for _ in range(12):
        make_incident(components=[component])
    client = api("responder")
    with django_assert_max_num_queries(14):
        assert len(client.get("/api/v1/incidents/").json()["results"]) == 12


def test_a_hidden_incident_answers_byte_for_byte_like_a_missing_one(api: Api, cast: Cast) -> None:
    hidden = make_incident(actor=cast.actor("commander"), restricted=True, title="canary-51c2")
    update = hidden.updates.get()
    for name in ("techlead", "comms", "legal", "admin", "outsider"):
        client = api(name)
        for method in ("get", "patch", "head", "delete"):
            for kind, found in (("incidents", hidden.public_id), ("updates", update.public_id)):
                there = getattr(client, method)(f"/api/v1/{kind}/{found}/", {}, headers={"if-match": '"1"'})
                missing = getattr(client, method)(f"/api/v1/{kind}/missing00000/", {}, headers={"if-match": '"1"'})
                assert (there.status_code, there.content) == (missing.status_code, missing.content)
                for answer in (there, missing):
                    del answer.headers["X-Request-ID"]  # a name for this one request
                assert there.headers == missing.headers
        for sent in ({"status": "identified"}, {"status": "identified", "variants": [{"audience": "nobody", "title": "", "body": ""}]}):
            there = client.post("/api/v1/updates/", sent | {"incident": hidden.public_id})
            missing = client.post("/api/v1/updates/", sent | {"incident": "missing00000"})
            assert (there.status_code, there.content) == (404, missing.content)
        timeline = client.get(f"/api/v1/incidents/{hidden.public_id}/timeline/")
        assert (timeline.status_code, timeline.content) == (404, client.get("/api/v1/incidents/missing00000/timeline/").content)
        for listed in ("/api/v1/incidents/", "/api/v1/updates/", f"/api/v1/updates/?incident={hidden.public_id}"):
            assert client.get(listed).json()["results"] == []
    for name in ("commander", "auditor"):
        assert api(name).get(f"/api/v1/incidents/{hidden.public_id}/").json()["title"] == "canary-51c2"


def test_the_timeline_is_read_and_written(api: Api) -> None:
    incident = make_incident()
    client, path = api("responder"), f"/api/v1/incidents/{incident.public_id}/timeline/"
    assert client.post(path, {"text": "Rolled back 4.2"}).status_code == 201
    lines = client.get(path).json()["results"]
    assert lines[0]["text"] == "Rolled back 4.2"
    assert {line["kind"] for line in lines} == {"opened", "draft", "note"}
    assert [line["text"] for line in client.get(path, {"kind": "note"}).json()["results"]] == ["Rolled back 4.2"]
    assert client.post(path, {"text": " "}).status_code == 400
    assert api("auditor").post(path, {"text": "x"}).status_code == 403
