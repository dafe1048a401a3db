"""Templates over the API."""

from typing import Any

import pytest

from templates.models import UpdateTemplate
from tests.support.cast import Cast

pytestmark = pytest.mark.django_db

NEW = {
    "name": "Database, resolved",
    "category": "database",
    "status": "resolved",
    "audience": "customers",
    "title": "Resolved: {{ component_names }}",
    "body": "It works again.",
}


def path() -> str:
    return f"/api/v1/templates/{UpdateTemplate.objects.get(category='', status='resolved', audience_key='customers').public_id}/"


def patch(cast: Cast, name: str, data: dict[str, Any], *, if_match: str = "") -> Any:
    headers = {"If-Match": if_match} if if_match else {}
    return cast.client(name).patch(path(), data, content_type="application/json", headers=headers)


def test_templates_are_listed_by_cursor_and_filtered(cast: Cast) -> None:
    client = cast.client("responder")
    first = client.get("/api/v1/templates/?page_size=4").json()
    second = client.get(first["next"]).json()
    assert len(first["results"]) == len(second["results"]) == 4
    assert not {row["id"] for row in first["results"]} & {row["id"] for row in second["results"]}
    found = client.get("/api/v1/templates/?category=security&audience=customers&status=resolved&retired=false").json()["results"]
    assert [row["current"]["title"] for row in found] == ["Security matter closed"]
    assert client.get("/api/v1/templates/?status=never").status_code == 400


def test_one_template_shows_its_versions_and_its_tag(cast: Cast) -> None:
    patch(cast, "comms", {"title": "All clear"}, if_match='"1"')
    answer = cast.client("auditor").get(path())
    assert [version["number"] for version in answer.json()["versions"]] == [2, 1]
    assert answer.json()["current"] == answer.json()["versions"][0]
    assert answer.json()["current"]["author"] == "comms"
    assert answer["ETag"] == '"2"'


def test_a_part_left_out_of_a_change_stays(cast: Cast) -> None:
    before = cast.client("comms").get(path()).json()["current"]
    answer = patch(cast, "comms", {"title": "All clear"}, if_match='"1"')
    assert answer.status_code == 200
    assert (answer.json()["current"]["title"], answer.json()["current"]["body"]) == ("All clear", before["body"])


def test_a_change_must_name_the_version_it_was_made_against(cast: Cast) -> None:
    assert patch(cast, "comms", {"title": "x"}).status_code == 428
    assert patch(cast, "comms", {"title": "x"}, if_match='"7"').status_code == 412


def test_a_bad_change_names_the_field(cast: Cast) -> None:
    answer = patch(cast, "comms", {"body": "{{ incident_title }}"}, if_match='"1"')
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == "body"
    assert patch(cast, "comms", {"text": "x"}, if_match='"1"').status_code == 400


def test_writing_a_template_twice_with_one_key_writes_it_once(cast: Cast) -> None:
    client = cast.client("comms")
    answers = [client.post("/api/v1/templates/", NEW, content_type="application/json", headers={"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert client.post("/api/v1/templates/", NEW, content_type="application/json").status_code == 409


@pytest.mark.parametrize(("field", "value"), [("status", "never"), ("audience", "nobody"), ("category", "weather"), ("title", "")])
def test_a_bad_template_names_the_field(cast: Cast, field: str, value: str) -> None:
    answer = cast.client("comms").post("/api/v1/templates/", NEW | {field: value}, content_type="application/json")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_the_outsider_reads_and_writes_no_template(cast: Cast) -> None:
    client = cast.client("outsider")
    assert client.get("/api/v1/templates/").status_code == 403
    assert client.get(path()).status_code == 403
    assert client.get("/api/v1/templates/000000000000/").status_code == 403
    assert client.post("/api/v1/templates/", NEW, content_type="application/json").status_code == 403
    assert patch(cast, "outsider", {"title": "x"}, if_match='"1"').status_code == 403


def test_a_reader_changes_nothing(cast: Cast) -> None:
    assert patch(cast, "responder", {"title": "x"}, if_match='"1"').status_code == 403
    assert cast.client("auditor").get("/api/v1/templates/000000000000/").status_code == 404
