"""Disputes, overrides, holds and corrections over the API: all of it is read; deciding takes a person; overriding has pages only."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.rules.scopes import Scope
from approvals.models import Dispute, ReleaseHold
from approvals.services import request_review
from incidents.models import Incident, Update
from tests.approvals.disputing import disputed, overridden
from tests.incidents.conftest import Api
from tests.incidents.conftest import api as api  # noqa: PLC0414 - the fixture
from tests.support.cast import Cast
from tests.support.factories import make_incident, make_update
from tests.support.releases import released

pytestmark = pytest.mark.django_db
PASSAGE = {
    "kind": "communications",
    "revision": 1,
    "audience": "customers",
    "field": "body",
    "quote": "We are on it.",
    "reason": "Nobody is on it yet.",
}


@pytest.fixture
def update(cast: Cast) -> Update:
    now = timezone.now()
    made = make_update(incident=make_incident(actor=cast.actor("commander"), now=now), actor=cast.actor("commander"), now=now)
    request_review(actor=cast.actor("commander"), now=now, update_id=made.pk, revision=1)
    return made


def post(client: Client, path: str, **body: Any) -> Any:
    return client.post(f"/api/v1/{path}", body, content_type="application/json")


def test_disputing_and_ruling_in_a_session(cast: Cast, update: Update) -> None:
    made = post(cast.client("comms"), f"updates/{update.public_id}/disputes/", **PASSAGE)
    assert made.status_code == 201
    assert (made.json()["quote"], made.json()["state"], made.json()["ruling"]) == ("We are on it.", "open", None)
    address = made.headers["Location"]
    ruled = post(cast.client("arbiter"), address.removeprefix("/api/v1/") + "ruling/", ruling="strike", revision=1, reason="Not known.")
    assert ruled.status_code == 201
    found = cast.client("commander").get(address).json()
    assert (found["state"], found["ruling"]["by"], found["ruling"]["revision"]) == ("struck", "arbiter", 2)
    listed = cast.client("auditor").get("/api/v1/disputes/?state=struck").json()["results"]
    assert [one["id"] for one in listed] == [found["id"]]


def test_a_token_reads_and_does_not_decide(cast: Cast, update: Update, api: Api) -> None:
    found = disputed(cast)
    program = api("comms", *Scope)
    assert program.get(f"/api/v1/disputes/{found.public_id}/").status_code == 200
    assert program.post(f"/api/v1/updates/{update.public_id}/disputes/", PASSAGE, format="json").status_code == 403
    ruling = {"ruling": "uphold", "revision": 1, "reason": "Because."}
    assert api("arbiter", *Scope).post(f"/api/v1/disputes/{found.public_id}/ruling/", ruling, format="json").status_code == 403
    assert program.post(f"/api/v1/disputes/{found.public_id}/withdraw/").status_code == 403
    assert api("commander", *Scope).post(f"/api/v1/updates/{update.public_id}/hold/", {"reason": "No."}, format="json").status_code == 403
    assert Dispute.objects.get().state == "open"
    assert not ReleaseHold.objects.exists()


def test_what_is_wrong_is_said_beside_the_field(cast: Cast, update: Update) -> None:
    answer = post(cast.client("comms"), f"updates/{update.public_id}/disputes/", **PASSAGE | {"quote": "Nobody wrote this."})
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == ["quote"]
    answer = post(cast.client("comms"), f"updates/{update.public_id}/disputes/", **PASSAGE | {"revision": 7})
    assert answer.status_code == 400


def test_overrides_are_read_and_never_made(cast: Cast, update: Update) -> None:
    found = overridden(cast)
    client = cast.client("override")
    shown = client.get(f"/api/v1/overrides/{found.public_id}/").json()
    assert (shown["by"], shown["state"], shown["correction"]) == ("override", "awaiting", None)
    assert {"name": "Manager", "as": "manager on duty"} in shown["told"]
    assert [one["id"] for one in client.get("/api/v1/overrides/?state=awaiting").json()["results"]] == [found.public_id]
    for path in (f"overrides/{found.public_id}/", "overrides/"):
        assert post(client, path, reason="Now.").status_code == 405


def test_holding_and_lifting(cast: Cast, update: Update) -> None:
    client = cast.client("commander")
    held = post(client, f"incidents/{update.incident.public_id}/hold/", reason="Legal looks at it.")
    assert (held.status_code, held.json()["incident"], held.json()["update"]) == (201, update.incident.public_id, None)
    assert post(client, f"incidents/{update.incident.public_id}/hold/", reason="Again.").status_code == 409
    assert post(client, f"updates/{update.public_id}/hold/", reason="This one too.").json()["incident"] == update.incident.public_id
    assert len(client.get("/api/v1/holds/?in_force=true").json()["results"]) == 2
    lifted = post(client, f"holds/{held.json()['id']}/lift/", reason="It is fine.")
    assert lifted.json()["lifted_by"] == "commander"
    assert len(client.get("/api/v1/holds/?in_force=true").json()["results"]) == 1


def test_a_token_starts_a_correction(cast: Cast, api: Api) -> None:
    release = released(cast)
    made = api("commander", *Scope).post(
        f"/api/v1/updates/{release.update_of.public_id}/corrections/", {"kind": "correction"}, format="json"
    )
    assert made.status_code == 201, made.content
    assert Update.objects.get(public_id=made.json()["id"]).corrects == release.update_of


def test_nothing_of_a_restricted_incident_shows_to_others(cast: Cast, update: Update) -> None:
    dispute, override = disputed(cast), overridden(cast)
    Incident.objects.update(restricted=True)
    for name in ("arbiter", "override", "outsider"):
        client = cast.client(name)
        assert client.get(f"/api/v1/disputes/{dispute.public_id}/").status_code == 404
        assert client.get(f"/api/v1/overrides/{override.public_id}/").status_code == 404
        for path in ("disputes", "overrides", "holds"):
            assert client.get(f"/api/v1/{path}/").json()["results"] == []
