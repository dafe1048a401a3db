"""Pages and API of holding statements, for who may and for the outsider."""

from datetime import timedelta
from typing import Any

import pytest

from approvals.models import Release
from core.clock import utc_now
from incidents.models import Incident
from templates.models import HoldingStatement, HoldingStatementVersion
from tests.support.cast import Cast
from tests.support.factories import make_component, make_incident
from tests.support.holding import approved_statement, ask_for_review, write_statement

pytestmark = pytest.mark.django_db


def incident_now(cast: Cast) -> Incident:
    return make_incident(actor=cast.actor("commander"), now=utc_now(), components=[make_component(name="Checkout")])


def test_a_statement_is_written_reviewed_and_put_in_force_on_the_pages(cast: Cast) -> None:
    client = cast.client("comms")
    typed = {
        "key": "new",
        "name": "New",
        "scenario": "slow",
        "audience": "customers",
        "language": "en",
        "title": "Slow",
        "body": "We know.",
    }
    page = client.post("/console/holding/new/", typed, follow=True)
    assert "Saved as a draft" in page.content.decode()
    statement = HoldingStatement.objects.get(key="new")
    address = f"/console/holding/{statement.public_id}/"
    far = client.post(address, {"act": "ask", "number": "1", "expires_at": f"{utc_now() + timedelta(days=200):%Y-%m-%d}"})
    assert (far.status_code, "within 180 days" in far.content.decode()) == (400, True)
    assert (
        client.post(address, {"act": "ask", "number": "1", "expires_at": f"{utc_now() + timedelta(days=60):%Y-%m-%d}"}).status_code == 302
    )
    for name, kind in (("techlead", "technical"), ("comms2", "communications")):
        reviewer = cast.client(name)
        assert "Approve these words" in reviewer.get(f"{address}review/").content.decode()
        assert reviewer.get("/console/reviews/").content.decode().count("Holding statements") == 1
        reviewer.post(f"{address}review/", {"kind": kind, "verdict": "approve", "number": "1"})
    assert HoldingStatementVersion.objects.get(statement=statement).state == "approved"


def test_what_was_typed_stays_beside_the_error(cast: Cast) -> None:
    version = write_statement(cast)
    page = cast.client("comms").post(
        f"/console/holding/{version.statement.public_id}/", {"act": "save", "number": "1", "title": "{{ severity }}", "body": "Kept words."}
    )
    text = page.content.decode()
    assert page.status_code == 400
    assert "There is no variable" in text
    assert "Kept words." in text


def test_the_pages_answer_refusals_with_the_way_on(cast: Cast) -> None:
    incident, version = incident_now(cast), write_statement(cast)
    client = cast.client("commander")
    choose = f"/console/incidents/{incident.public_id}/holding/"
    back = client.get(f"{choose}release/?statement={version.statement.public_id}", follow=True)
    assert "Tick at least one approved statement" in back.content.decode()


def test_two_steps_on_the_pages(cast: Cast) -> None:
    incident, version = incident_now(cast), approved_statement(cast, now=utc_now())
    client = cast.client("commander")
    address = f"/console/incidents/{incident.public_id}/holding/release/?statement={version.statement.public_id}"
    seen = client.get(address).context["plan"].seen
    assert "not what you were shown" in client.post(address, {"seen": "0" * 64}, follow=True).content.decode()
    assert client.post(address, {"seen": seen}).status_code == 302
    assert Release.objects.get().round is None
    story = client.get(f"/console/updates/{Release.objects.get().update_of.public_id}/story/")
    assert story.status_code == 200


def test_the_outsider_finds_nothing(cast: Cast) -> None:
    incident, version = incident_now(cast), approved_statement(cast, now=utc_now())
    outsider = cast.client("outsider")
    statement = version.statement.public_id
    for address in ("", "new/", f"{statement}/", f"{statement}/review/"):
        assert outsider.get(f"/console/holding/{address}").status_code in {403, 404}
    for address in ("", f"release/?statement={statement}"):
        assert outsider.get(f"/console/incidents/{incident.public_id}/holding/{address}").status_code == 404
    assert outsider.post(f"/console/incidents/{incident.public_id}/holding/release/?statement={statement}", {"seen": ""}).status_code == 404
    assert outsider.get(f"/api/v1/holding-statements/{statement}/").status_code == 403
    assert outsider.get(f"/api/v1/incidents/{incident.public_id}/holding-statements/").status_code == 404
    assert not Release.objects.exists()


def post(cast: Cast, name: str, path: str, body: dict[str, Any]) -> Any:
    return cast.client(name).post(f"/api/v1/{path}", body, content_type="application/json")


def test_the_api_writes_has_reviewed_and_releases_from_a_session(cast: Cast) -> None:
    body = {
        "key": "api",
        "name": "By API",
        "scenario": "slow",
        "audience": "customers",
        "title": "Slow",
        "body": "More in {{ next_update_in }}.",
    }
    made = post(cast, "comms", "holding-statements/", body)
    assert made.status_code == 201, made.content
    statement = made.json()["id"]
    changed = cast.client("comms").patch(
        f"/api/v1/holding-statements/{statement}/", {"title": "Slower"}, content_type="application/json", headers={"If-Match": '"1"'}
    )
    assert (changed.status_code, changed["ETag"]) == (200, '"2"')
    until = utc_now().replace(microsecond=0)
    too_late = post(cast, "comms", f"holding-statements/{statement}/request-review/", {"version": 2, "expires_at": until.isoformat()})
    assert too_late.status_code == 400
    ask_for_review(cast, HoldingStatementVersion.objects.get(statement__public_id=statement, number=2), now=utc_now())
    for name, kind in (("techlead", "technical"), ("comms2", "communications")):
        given = post(cast, name, f"holding-statements/{statement}/reviews/", {"kind": kind, "verdict": "approve", "version": 2})
        assert given.status_code == 201, given.content
    assert len(cast.client("auditor").get(f"/api/v1/holding-statements/{statement}/reviews/").json()["results"]) == 2
    incident = incident_now(cast)
    path = f"incidents/{incident.public_id}/holding-statements/"
    plan = cast.client("commander").get(f"/api/v1/{path}?statement={statement}").json()
    assert (plan["reasons"], plan["statements"][0]["body"]) == ([], "More in 15 minutes.")
    assert post(cast, "responder", path, {"statements": [statement], "seen": plan["seen"]}).status_code == 403
    released = post(cast, "commander", path, {"statements": [statement], "seen": plan["seen"]})
    assert released.status_code == 201, released.content
    assert released.json()["statements"][0]["values"] == {"next_update_in": "15 minutes"}
    assert post(cast, "commander", path, {"statements": [statement], "seen": plan["seen"]}).status_code == 412


def test_rules_and_tester_pages(cast: Cast) -> None:
    client = cast.client("comms")
    saved = client.post(
        "/console/templates/rules/",
        {"version": "0", "rule-new-tags": "payments", "rule-new-template": "network-monitoring-customers"},
        follow=True,
    )
    assert "Saved as version 1" in saved.content.decode()
    refused = client.post(
        "/console/templates/rules/", {"version": "1", "rule-1-tags": "", "rule-1-template": "network-monitoring-customers"}
    )
    assert refused.status_code == 400
    assert "Name a category, a tag, or both" in refused.content.decode()
    page = client.get("/console/templates/tester/?category=network&tags=payments").content.decode()
    assert "rule 1" in page
    labels = client.get("/console/templates/tester/?labels=severity%3Dcritical").content.decode()
    assert "The alert mapping makes of it" in labels
    assert "Database" in client.get("/console/templates/unmapped/").content.decode()
    assert cast.client("auditor").post("/console/templates/rules/", {"version": "1"}).status_code == 403
