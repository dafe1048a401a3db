"""Updates by API: start in one's own words or the template's, read, edit against a revision."""

from typing import Any

import pytest

from accounts.rules.scopes import Scope
from incidents.models import Incident, Update
from incidents.rules.words import UpdateState
from incidents.services import set_update_state
from tests.incidents.conftest import Api
from tests.support.cast import NOW, Cast
from tests.support.factories import CUSTOMER_WORDS, INTERNAL_WORDS, make_component, make_incident, make_update
from tests.support.log import audit_types

pytestmark = pytest.mark.django_db

WORDS: list[dict[str, str]] = [{**CUSTOMER_WORDS}, {**INTERNAL_WORDS}]  # type: ignore[dict-item]  # all values are texts


def test_a_program_drafts_in_its_own_words(api: Api) -> None:
    component = make_component(key="checkout")
    incident = make_incident(components=[component])
    answer = api("commander", Scope.UPDATES_WRITE).post(
        "/api/v1/updates/", {"incident": incident.public_id, "status": "identified", "variants": WORDS}
    )
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert answer["etag"] == '"1"'
    assert made["incident"] == incident.public_id
    assert (made["state"], made["status"], made["revision"], made["impact"]) == ("draft", "identified", 1, "major")
    assert made["audiences"] == ["customers", "internal"]
    assert made["variants"][0] == WORDS[0] | {"language": "en"}
    assert made["unfilled"] == []
    assert made["components"] == [{"id": component.public_id, "status": "partial_outage"}]
    assert made["schedule"] == {"mode": "by_hand", "at": None}
    # Opened in March, it runs in long-incident mode by now.
    assert made["next_update_minutes"] == 60
    assert made["author"] == "commander"
    stored = Update.objects.get(public_id=made["id"])
    assert stored.current is not None
    assert made["content_hash"] == stored.current.parsed().hash()
    assert api("commander").get(f"/api/v1/updates/{made['id']}/").json() == made


def test_without_words_the_templates_speak_and_gaps_are_named(api: Api) -> None:
    incident = make_incident()
    made = api("commander").post("/api/v1/updates/", {"incident": incident.public_id, "status": "investigating"}).json()
    assert "names of the affected components" in made["unfilled"]
    assert "[[fill in: names of the affected components]]" in str(made["variants"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"variants": [{"audience": "nobody", "title": "a", "body": "b"}]}, "variants"),
        ({"variants": []}, "variants"),
        ({"variants": [WORDS[0], WORDS[0]]}, "variants"),
        ({"variants": [{"audience": "customers", "title": "x" * 201, "body": "b"}]}, "variants.customers.title"),
        ({"variants": [{"audience": "customers", "title": "a\r\nBcc: b", "body": "b"}]}, "variants.customers.title"),
        ({"variants": [{"audience": "customers", "title": "a"}]}, "variants.0.body"),
        ({"variants": [WORDS[0] | {"language": "English"}]}, "variants.0.language"),
        ({"status": "done"}, "status"),
        ({"impact": "huge"}, "impact"),
        ({"components": [{"id": "nowhere", "status": "operational"}]}, "components"),
        ({"components": [{"id": "nowhere", "status": "broken"}]}, "components.0.status"),
        ({"channels": ["carrier_pigeon"]}, "channels.0"),
        ({"schedule": {"mode": "at_time"}}, "schedule"),
        ({"schedule": {"mode": "by_hand", "at": "2026-03-02T15:00:00Z"}}, "schedule"),
        ({"schedule": {"mode": "soon"}}, "schedule.mode"),
        ({"next_update_minutes": 0}, "next_update_minutes"),
        ({"next_update_minutes": 10_081}, "next_update_minutes"),
        ({"wording": "x"}, "wording"),
    ],
)
def test_what_cannot_be_used_is_refused_by_field(api: Api, change: dict[str, Any], field: str) -> None:
    incident = make_incident()
    before = Update.objects.count()
    client = api("commander")
    sent = {"incident": incident.public_id, "status": "investigating", "variants": WORDS} | change
    answer = client.post("/api/v1/updates/", sent)
    assert answer.status_code == 400, answer.content
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert Update.objects.count() == before

    update = make_update(incident=incident)
    answer = client.patch(f"/api/v1/updates/{update.public_id}/", change, headers={"if-match": '"1"'})
    assert answer.status_code == 400, answer.content
    assert field in {error["field"] for error in answer.json()["errors"]}


def test_an_edit_names_the_revision_it_was_made_from(api: Api) -> None:
    update = make_update()
    client, path = api("comms"), f"/api/v1/updates/{update.public_id}/"
    words = [WORDS[0] | {"title": "Payments fail"}]
    assert client.patch(path, {"variants": words}).status_code == 428
    answer = client.patch(path, {"variants": words}, headers={"if-match": '"1"'})
    assert (answer.status_code, answer["etag"]) == (200, '"2"')
    assert answer.json()["audiences"] == ["customers"]
    assert answer.json()["author"] == "comms"
    stale = client.patch(path, {"next_update_minutes": 60}, headers={"if-match": '"1"'})
    assert stale.status_code == 412
    assert stale.json()["code"] == "stale_revision"
    assert client.get(path)["etag"] == '"2"'


def test_parts_not_named_stay(api: Api) -> None:
    component = make_component()
    update = make_update()
    path = f"/api/v1/updates/{update.public_id}/"
    change = {
        "next_update_minutes": None,
        "next_update_reason": "Nothing will change before the provider answers.",
        "components": [{"id": component.public_id, "status": "major_outage"}],
        "schedule": {"mode": "at_time", "at": "2026-03-02T16:30:00+01:00"},
    }
    made = api("comms").patch(path, change, headers={"if-match": '"1"'}).json()
    assert (made["next_update_minutes"], made["next_update_reason"]) == (None, change["next_update_reason"])
    assert made["components"] == change["components"]
    assert made["schedule"] == {"mode": "at_time", "at": "2026-03-02T15:30:00Z"}
    assert [variant["title"] for variant in made["variants"]] == [words["title"] for words in WORDS]


def test_channels_are_chosen_and_read_back(api: Api) -> None:
    update = make_update()
    where = f"/api/v1/updates/{update.public_id}/"
    assert api("commander").get(where).json()["channels"] == ["dashboard", "email", "page", "slack", "sms", "teams", "webhook"]
    changed = api("commander", Scope.UPDATES_WRITE).patch(where, {"channels": ["page"]}, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.content
    assert (changed.json()["channels"], changed.json()["revision"]) == (["page"], 2)


def test_an_edit_that_changes_nothing_makes_no_revision(api: Api) -> None:
    update = make_update()
    path = f"/api/v1/updates/{update.public_id}/"
    before = audit_types()
    answer = api("comms").patch(path, {"variants": WORDS}, headers={"if-match": '"1"'})
    assert (answer.status_code, answer["etag"]) == (200, '"1"')
    assert [entry for entry in audit_types()[len(before) :] if entry.startswith("update.")] == []


def test_a_withdrawn_update_is_closed(api: Api, cast: Cast) -> None:
    update = make_update()
    set_update_state(actor=cast.system(), now=NOW, update=update, to=UpdateState.WITHDRAWN)
    answer = api("comms").patch(f"/api/v1/updates/{update.public_id}/", {"next_update_minutes": 9}, headers={"if-match": '"1"'})
    assert (answer.status_code, answer.json()["code"]) == (409, "update_closed")


@pytest.mark.parametrize(
    ("name", "scopes"), [("auditor", ()), ("legal", ()), ("commander", (Scope.INCIDENTS_WRITE,)), ("commander", (Scope.READ,))]
)
def test_who_may_not_write_updates_is_refused(api: Api, name: str, scopes: tuple[Scope, ...]) -> None:
    update = make_update()
    client = api(name, *scopes)
    sent = {"incident": update.incident.public_id, "status": "investigating", "variants": WORDS}
    assert client.post("/api/v1/updates/", sent).status_code == 403
    answer = client.patch(f"/api/v1/updates/{update.public_id}/", {"next_update_minutes": 9}, headers={"if-match": '"1"'})
    assert answer.status_code == 403


def test_updates_are_listed_by_incident_state_and_status(api: Api) -> None:
    update = make_update(status="identified")
    make_update()
    client = api("responder")
    found = client.get("/api/v1/updates/", {"incident": update.incident.public_id, "status": "identified"}).json()["results"]
    assert [one["id"] for one in found] == [update.public_id]
    assert client.get("/api/v1/updates/", {"state": "released"}).json()["results"] == []
    assert client.get("/api/v1/updates/", {"state": "gone"}).status_code == 400


def test_an_update_on_a_resolved_incident_is_a_conflict(api: Api) -> None:
    incident = make_incident()
    Incident.objects.filter(pk=incident.pk).update(status="resolved", resolved_at=NOW)
    answer = api("commander").post("/api/v1/updates/", {"incident": incident.public_id, "status": "monitoring", "variants": WORDS})
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")
    assert "Open a new incident" in answer.json()["detail"]
