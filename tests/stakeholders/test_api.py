"""The register and the audiences over the API."""

from typing import Any

import pytest

from accounts.actors import system
from stakeholders.models import Audience, Stakeholder
from stakeholders.services import (
    NewStakeholder,
    add_members,
    register_stakeholder,
    register_stakeholders,
    suppress_contact_point,
)
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db

NEW = {"kind": "customer", "name": "Ada", "email": "ada@EXAMPLE.com", "time_zone": "Europe/London", "audiences": ["customers"]}


def post(cast: Cast, name: str, data: dict[str, Any], key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return cast.client(name).post("/api/v1/stakeholders/", data, content_type="application/json", headers=headers)


def filled(cast: Cast) -> list[Stakeholder]:
    people = [
        NewStakeholder("customer", "Ada", "ada@example.com"),
        NewStakeholder("regulator", "Bob", "bob@example.com", language="de"),
        NewStakeholder("person", "Eve", "eve@example.com"),
    ]
    made = register_stakeholders(actor=cast.actor("comms"), now=NOW, people=people)
    add_members(actor=cast.actor("comms"), now=NOW, audience=Audience.objects.get(key="customers"), stakeholders=made[:2])
    return made


def test_somebody_is_registered_with_address_and_audiences(cast: Cast) -> None:
    answer = post(cast, "comms", NEW)
    assert answer.status_code == 201
    told = answer.json()
    assert told["contact_points"][0]["address"] == "ada@example.com"
    assert (told["audiences"], told["user"], told["language"]) == (["customers"], None, "en")
    assert cast.client("auditor").get(f"/api/v1/stakeholders/{told['id']}/").json() == told


def test_one_key_registers_once(cast: Cast) -> None:
    client = cast.client("comms")
    headers = {"Idempotency-Key": "k1"}
    answers = [client.post("/api/v1/stakeholders/", NEW, content_type="application/json", headers=headers) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert Stakeholder.objects.count() == 1
    other = client.post("/api/v1/stakeholders/", NEW | {"name": "Bob"}, content_type="application/json", headers=headers)
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"kind": "robot"}, "kind"),
        ({"time_zone": "Mars"}, "time_zone"),
        ({"audiences": ["customers", "nobody"]}, "audiences"),
        ({"phone": "1"}, "phone"),
    ],
)
def test_a_field_that_cannot_be_used_is_named_and_nothing_is_kept(cast: Cast, change: dict[str, Any], field: str) -> None:
    answer = post(cast, "comms", NEW | change)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not Stakeholder.objects.exists()


def test_the_register_is_listed_by_cursor(cast: Cast) -> None:
    filled(cast)
    client = cast.client("commander")
    first = client.get("/api/v1/stakeholders/?page_size=2").json()
    assert [row["name"] for row in first["results"]] == ["Eve", "Bob"]
    assert [row["name"] for row in client.get(first["next"]).json()["results"]] == ["Ada"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("kind=regulator", ["Bob"]),
        ("audience=customers", ["Bob", "Ada"]),
        ("language=de", ["Bob"]),
        ("address=EVE@example.com", ["Eve"]),
        ("suppressed=true", ["Ada"]),
        ("suppressed=false", ["Eve", "Bob"]),
    ],
)
def test_the_register_is_filtered(cast: Cast, query: str, names: list[str]) -> None:
    ada = filled(cast)[0]
    suppress_contact_point(actor=system("bounces"), now=NOW, contact_point=ada.contact_points.get(), reason="550")
    rows = cast.client("commander").get(f"/api/v1/stakeholders/?{query}").json()["results"]
    assert [row["name"] for row in rows] == names


def test_an_entry_is_corrected(cast: Cast) -> None:
    ada = filled(cast)[0]
    path = f"/api/v1/stakeholders/{ada.public_id}/"
    answer = cast.client("comms").patch(path, {"name": "Ada King"}, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["name"] == "Ada King"
    assert cast.client("comms").patch(path, {"email": "x@example.com"}, content_type="application/json").status_code == 400
    assert cast.client("auditor").patch(path, {"name": "Eve"}, content_type="application/json").status_code == 403


def test_audiences_are_read_with_their_reach(cast: Cast) -> None:
    filled(cast)
    client = cast.client("commander")
    listed = client.get("/api/v1/audiences/").json()["results"]
    assert [(row["key"], row["is_public"], row["is_internal"]) for row in listed] == [("customers", True, False), ("internal", False, True)]
    assert [row["key"] for row in client.get("/api/v1/audiences/?is_internal=true").json()["results"]] == ["internal"]
    assert client.get(f"/api/v1/audiences/{listed[0]['id']}/").json()["reach"] == 2
    assert client.get("/api/v1/audiences/000000000000/").status_code == 404


def test_the_outsider_sees_and_changes_nothing(cast: Cast) -> None:
    ada = filled(cast)[0]
    client = cast.client("outsider")
    audience = Audience.objects.get(key="customers")
    for path in (
        "stakeholders/",
        f"stakeholders/{ada.public_id}/",
        "stakeholders/000000000000/",
        "audiences/",
        f"audiences/{audience.public_id}/",
    ):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 403, path
        assert "Ada" not in answer.content.decode()
    assert post(cast, "outsider", NEW).status_code == 403
    assert client.patch(f"/api/v1/stakeholders/{ada.public_id}/", {"name": "x"}, content_type="application/json").status_code == 403
    assert Stakeholder.objects.count() == 3


def test_addresses_are_added_asked_about_and_removed(cast: Cast) -> None:
    ada = filled(cast)[0]
    client, where = cast.client("comms"), f"/api/v1/stakeholders/{ada.public_id}/addresses/"
    body = {"kind": "sms", "address": "+49 30 901820", "consent": True}
    made = client.post(where, body, content_type="application/json").json()
    assert (made["address"], made["verification"], made["consent_source"], made["position"]) == ("+4930901820", "unneeded", "api", 1)
    assert client.post(where, body, content_type="application/json").status_code == 409
    asked = client.post(f"{where}{made['id']}/ask/")
    assert (asked.status_code, asked.json()["verification"]) == (200, "pending")
    assert client.post(f"{where}{made['id']}/ask/").status_code == 409, "not twice within a minute"
    assert client.delete(f"{where}{made['id']}/").status_code == 204
    assert client.get(f"{where}{made['id']}/").status_code == 404
    assert [cast.client(name).post(where, body, content_type="application/json").status_code for name in ("outsider", "auditor")] == [
        403,
        403,
    ]


def test_every_fact_filters_the_list(cast: Cast) -> None:
    register_stakeholder(
        actor=cast.actor("comms"), now=NOW, kind="customer", name="Acme", external_id="crm-1", tier="key", region="eu", tags=["beta"],
        contact_points=[("slack", "https://hooks.slack.com/services/T/B/x")],
    )  # fmt: skip
    filled(cast)
    client = cast.client("auditor")
    for asked in ("external_id=crm-1", "tier=key", "region=eu", "tag=beta", "channel=slack"):
        found = client.get(f"/api/v1/stakeholders/?{asked}").json()["results"]
        assert [one["name"] for one in found] == ["Acme"], asked
