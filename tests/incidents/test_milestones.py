"""Milestones: recorded once told, each starting the draft it calls for, and publishing nothing."""

from datetime import timedelta

import pytest

from accounts.actors import source
from accounts.rules.scopes import Scope
from core.errors import Forbidden, InvalidInput, NotFound
from incidents.models import Incident
from incidents.services import record_milestone
from tests.incidents.conftest import Api
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident

pytestmark = pytest.mark.django_db


def test_the_cause_found_starts_a_draft_by_nobody_and_leaves_the_status(cast: Cast) -> None:
    incident = make_incident()
    made = record_milestone(actor=cast.actor("responder"), now=NOW, incident=incident, kind="cause_found", note_text="A full disk.")
    assert (made.source, made.by, made.at, made.note) == ("person", cast.responder, NOW, "A full disk.")
    assert made.draft is not None
    assert made.draft.current is not None
    assert made.draft.current.content["facts"]["status"] == "identified"
    # Whoever pressed the button wrote nothing and may still review.
    assert made.draft.contributors.count() == 0
    incident.refresh_from_db()
    assert incident.status == "investigating"
    assert incident.timeline.filter(kind="milestone").get().text == "Cause found: A full disk."


def test_a_draft_of_that_status_on_its_way_is_enough(cast: Cast) -> None:
    incident = make_incident()
    first = record_milestone(actor=cast.actor("commander"), now=NOW, incident=incident, kind="cause_found")
    second = record_milestone(actor=cast.actor("commander"), now=NOW, incident=incident, kind="fix_started")
    assert first.draft is not None
    assert second.draft is None


@pytest.mark.parametrize("kind", ["detected", "acknowledged"])
def test_some_milestones_call_for_no_words(cast: Cast, kind: str) -> None:
    assert record_milestone(actor=cast.actor("commander"), now=NOW, incident=make_incident(), kind=kind).draft is None


def test_where_the_policy_wants_no_updates_none_is_drafted(cast: Cast) -> None:
    quiet = make_incident(severity="SEV4")
    assert record_milestone(actor=cast.actor("commander"), now=NOW, incident=quiet, kind="cause_found").draft is None


def test_what_is_no_milestone_is_refused(cast: Cast) -> None:
    incident, commander = make_incident(), cast.actor("commander")
    with pytest.raises(InvalidInput):
        record_milestone(actor=commander, now=NOW, incident=incident, kind="party")
    with pytest.raises(InvalidInput) as refused:
        record_milestone(actor=commander, now=NOW, incident=incident, kind="detected", at=NOW + timedelta(seconds=1))
    assert set(refused.value.fields) == {"at"}


def test_who_may_not_write_records_nothing(cast: Cast) -> None:
    incident = make_incident()
    with pytest.raises(Forbidden):
        record_milestone(actor=cast.actor("auditor"), now=NOW, incident=incident, kind="detected")
    with pytest.raises(NotFound):
        record_milestone(actor=cast.actor("outsider"), now=NOW, incident=incident, kind="detected")
    assert record_milestone(actor=source("alerts"), now=NOW, incident=incident, kind="detected").source == "tool"


def test_a_program_records_milestones_and_reads_the_rest(cast: Cast, api: Api) -> None:
    incident = make_incident()
    writing, reading = api("commander", Scope.INCIDENTS_WRITE), api("commander", Scope.READ)
    where = f"/api/v1/incidents/{incident.public_id}"
    made = writing.post(f"{where}/milestones/", {"kind": "mitigated", "note": "Rolled back."})
    assert made.status_code == 201, made.content
    assert (made.json()["source"], made.json()["draft"] is not None) == ("program", True)
    assert reading.post(f"{where}/milestones/", {"kind": "mitigated"}).status_code == 403
    assert [row["kind"] for row in reading.get(f"{where}/milestones/").json()["results"]] == ["mitigated"]
    (decision,) = reading.get(f"{where}/decisions/").json()["results"]
    assert (decision["cause"], decision["consequences"]["outcome"]) == ("opened", "required")
    (promise,) = reading.get(f"{where}/promises/").json()["results"]
    assert (promise["outcome"], [step["step"] for step in promise["steps"]]) == ("open", ["before", "due", "after", "deputy", "manager"])
    assert writing.post(f"{where}/snoozes/", {"minutes": 5, "reason": "x"}).status_code == 403
    held = api("comms", Scope.UPDATES_WRITE).post(f"{where}/snoozes/", {"minutes": 5, "reason": "Translation."})
    assert (held.status_code, held.json()["by"]) == (201, "comms")


def test_an_expected_time_and_facts_are_set_by_the_api(cast: Cast, api: Api) -> None:
    incident = make_incident()
    where = f"/api/v1/incidents/{incident.public_id}/"
    writing = api("commander", Scope.INCIDENTS_WRITE)
    wrong = writing.post(f"{where}etr/", {"expected_at": "2020-01-01T00:00:00Z"})
    assert (wrong.status_code, [error["field"] for error in wrong.json()["errors"]]) == (400, ["expected_at"])
    assert writing.post(f"{where}etr/", {"expected_at": None}).status_code == 201
    change = {"tags": ["payments"], "data_breach": True, "jurisdictions": ["DE"], "outage_scope": "partial", "reason": "Half of them."}
    changed = writing.patch(where, change, headers={"if-match": f'"{Incident.objects.get(pk=incident.pk).version}"'})
    assert changed.status_code == 200, changed.content
    assert changed.json()["outage_scope_set_by"] == "commander"
    refused = writing.patch(where, {"data_breach": False, "reason": "x"}, headers={"if-match": changed["etag"]})
    assert refused.status_code == 403


def test_what_is_hidden_is_missing(cast: Cast, api: Api) -> None:
    incident = make_incident(restricted=True)
    for part in ("milestones", "decisions", "promises", "snoozes", "etr"):
        assert api("comms").get(f"/api/v1/incidents/{incident.public_id}/{part}/").status_code == 404
