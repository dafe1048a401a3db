"""Audiences and the routing over the API."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import Team
from stakeholders.models import Audience, Stakeholder
from tests.support.cast import NOW, Cast

pytestmark = pytest.mark.django_db
URL = "/api/v1/audiences/"
KEY_ACCOUNTS = {"fact": "tier", "op": "in", "value": ["key"]}


def put(client: Client, method: str, url: str, body: dict[str, Any]) -> Any:
    return getattr(client, method)(url, body, content_type="application/json")


@pytest.fixture
def ada(db: None) -> Stakeholder:
    made = Stakeholder.objects.create(name="Ada", kind="customer", tier="key", created_at=NOW)
    made.contact_points.create(kind="email", address="ada@example.com", created_at=NOW)
    return made


def test_a_filter_is_tried_then_saved_and_says_why(cast: Cast, ada: Stakeholder) -> None:
    client = cast.client("comms")
    tried = put(client, "post", f"{URL}preview/", {"filter": KEY_ACCOUNTS}).json()
    assert (tried["people"], tried["addresses"], tried["words"]) == (1, {"email": 1}, "the tier is key")
    assert tried["sample"] == [{"id": ada.public_id, "name": "Ada", "reasons": ["the tier is key"]}]
    made = put(client, "post", URL, {"key": "accounts", "name": "Accounts", "filter": KEY_ACCOUNTS})
    assert made.status_code == 201, made.content
    where = made.headers["Location"]
    assert made.json()["reach"] == 1
    why = client.get(f"{where}belonging/?stakeholder={ada.public_id}").json()
    assert why == {"belongs": True, "reasons": ["the tier is key"]}
    assert put(client, "patch", where, {"filter": None}).status_code == 400
    changed = put(client, "patch", where, {"filter": None, "version": 1}).json()
    assert (changed["filter"], changed["version"], changed["reach"]) == (None, 2, 0)
    assert put(client, "patch", where, {"filter": KEY_ACCOUNTS, "version": 1}).status_code == 409


def test_every_problem_of_a_filter_is_answered_with_its_place(cast: Cast) -> None:
    wrong = put(cast.client("comms"), "post", f"{URL}preview/", {"filter": {"any": [{"fact": "tier", "op": "in", "value": ["gold"]}, {}]}})
    assert wrong.status_code == 400
    assert {"filter.0", "filter.1"} <= {error["field"] for error in wrong.json()["errors"]}
    assert put(cast.client("comms"), "post", f"{URL}preview/", {}).status_code == 400
    assert put(cast.client("comms"), "post", f"{URL}preview/", {"audience": "nobody"}).status_code == 400


def test_owners_are_set_by_key(cast: Cast) -> None:
    for key in ("support", "press"):
        Team.objects.create(key=key, name=key, group=Group.objects.create(name=f"team:{key}"))
    where = f"{URL}{Audience.objects.get(key='customers').public_id}/"
    changed = put(cast.client("comms"), "patch", where, {"owner": "support", "deputy": "press"}).json()
    assert (changed["owner"], changed["deputy"]) == ("support", "press")
    assert put(cast.client("comms"), "patch", where, {"owner": "nobody"}).status_code == 400
    assert put(cast.client("comms"), "patch", where, {"owner": None, "deputy": None}).json()["owner"] is None


def test_the_matrix_is_read_and_a_cell_is_set(cast: Cast) -> None:
    client = cast.client("comms")
    cells = client.get("/api/v1/routing/").json()
    assert cells[0]["urgency"] == "critical"
    assert cells[0]["audience"] is None
    body = {"urgency": "low", "audience": "internal", "channels": [{"channel": "slack"}], "version": 0}
    after = put(client, "put", "/api/v1/routing/", body)
    assert after.status_code == 200, after.content
    assert {"urgency": "low", "audience": "internal", "words": "By Slack alone.", "version": 1}.items() <= after.json()[-1].items()
    assert put(client, "put", "/api/v1/routing/", body | {"version": 5}).status_code == 409
    assert put(client, "put", "/api/v1/routing/", body | {"audience": "nobody"}).status_code == 400


@pytest.mark.parametrize(("name", "status"), [("legal", 403), ("outsider", 403)])
def test_nobody_else_writes(cast: Cast, name: str, status: int) -> None:
    client = cast.client(name)
    where = f"{URL}{Audience.objects.get(key='customers').public_id}/"
    assert put(client, "post", URL, {"key": "a", "name": "A"}).status_code == status
    assert put(client, "patch", where, {"filter": KEY_ACCOUNTS, "version": 1}).status_code == status
    cell = {"urgency": "low", "audience": None, "channels": [{"channel": "email"}], "version": 1}
    assert put(client, "put", "/api/v1/routing/", cell).status_code == status
    assert Audience.objects.get(key="customers").filter is None
