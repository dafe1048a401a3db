"""The pages about escalation: the editor without a script, a tree's week, runs, drills and their report."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client

from core.clock import utc_now
from incidents.services.grant_access import grant_access
from notifications.models import Delivery
from notifications.rules.states import DeliveryState
from stakeholders.models import Audience, Drill, EscalationRun, EscalationTree
from stakeholders.services import add_members, opt_out, register_stakeholder, suppress_contact_point
from stakeholders.services.drills import plan_drill
from stakeholders.services.escalation_runs import start_run
from tests.support.cast import NOW, Cast
from tests.support.escalation import colleague, duty, escalation_things, make_tree, to
from tests.support.factories import make_incident

pytestmark = pytest.mark.django_db

TREE = {
    "edition": "0",
    "name": "Night calls",
    "key": "",
    "day": ["0", "1", "2", "3", "4", "5", "6"],
    "wakes": "on",
    "time_zone": "Europe/Berlin",
    "gives_up_after": "60",
    "drill_every_days": "30",
}


def words(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return " ".join(answer.content.decode().split())


def test_a_tree_is_made_button_by_button_and_stored_at_the_end(cast: Cast) -> None:
    ada = colleague(cast, "techlead")
    client = cast.client("comms")
    page = "/console/escalation/new/"
    shown = client.post(page, {**TREE, "steps": "0", "act": "add"}).content.decode()
    assert "Step 1" in shown
    shown = client.post(page, {**TREE, "steps": "1", "s0-wait": "5", "s0-looking": "tech", "act": "look"}).content.decode()
    assert f"put:0:stakeholder:{ada.public_id}" in shown
    shown = client.post(page, {**TREE, "steps": "1", "s0-wait": "5", "act": f"put:0:stakeholder:{ada.public_id}"}).content.decode()
    assert f'name="s0-target" value="stakeholder:{ada.public_id}"' in shown
    assert "hangs on one person with one address: Techlead" in shown
    two = {"steps": "2", "s0-wait": "5", "s0-target": f"stakeholder:{ada.public_id}", "s1-wait": "5"}
    shown = client.post(page, {**TREE, **two, "s1-choose": "duty:legal:on_duty", "act": "choose:1"}).content.decode()
    assert 'name="s1-target" value="duty:legal:on_duty"' in shown
    assert not EscalationTree.objects.exists()
    answer = client.post(page, {**TREE, **two, "s1-target": "duty:legal:on_duty", "act": "save"})
    assert answer.headers["Location"] == "/console/escalation/trees/night-calls/"
    tree = EscalationTree.objects.get()
    assert (tree.time_zone, tree.gives_up_after, tree.steps.count()) == ("Europe/Berlin", 60, 2)


def test_an_empty_tree_is_not_found_fault_with_before_it_is_begun(cast: Cast) -> None:
    client, page = cast.client("comms"), "/console/escalation/new/"
    opened = words(client, page)
    assert "Once a step calls somebody" in opened
    assert "Calls nobody" not in opened
    looked = client.post(page, {**TREE, "steps": "1", "s0-wait": "5", "act": "look"}).content.decode()
    assert "Calls nobody" in looked


def test_a_search_shows_addresses_colleagues_first_and_warns_of_whoever_is_outside(cast: Cast) -> None:
    customer = register_stakeholder(actor=cast.actor("comms"), now=NOW, kind="customer", name="Ada Techson", email="ada@customer.example")
    colleague(cast, "techlead")
    client, page = cast.client("comms"), "/console/escalation/new/"
    shown = client.post(page, {**TREE, "steps": "1", "s0-wait": "5", "s0-looking": "tech", "act": "look"}).content.decode()
    assert shown.index(">Techlead<") < shown.index(">Ada Techson<")
    assert "e-mail techlead@example.com" in shown
    assert "e-mail ada@customer.example" in shown
    assert shown.count("Add anyway") == 1
    put = {"steps": "1", "s0-wait": "5", "act": f"put:0:stakeholder:{customer.public_id}"}
    chosen = " ".join(client.post(page, {**TREE, **put}).content.decode().split())
    assert "Outside the company" in chosen
    assert "Ada Techson is no colleague but a customer account: they are called at any hour" in chosen


def test_steps_are_moved_and_taken_out(cast: Cast) -> None:
    client = cast.client("comms")
    two = {"steps": "2", "s0-wait": "5", "s1-wait": "7", "s1-target": ["duty:legal:on_duty", "duty:technical:on_duty"]}
    page = "/console/escalation/new/"
    moved = client.post(page, {**TREE, **two, "act": "up:1"}).content.decode()
    assert moved.index('value="7"') < moved.index('value="5"')
    less = client.post(page, {**TREE, **two, "act": "take:1:duty:legal:on_duty"}).content.decode()
    assert 'value="duty:technical:on_duty"' in less
    assert '<input type="hidden" name="s1-target" value="duty:legal:on_duty">' not in less
    assert "Step 2" not in client.post(page, {**TREE, **two, "act": "drop:0"}).content.decode()
    for nonsense in ("up:9", "take:x:y", "drop:-1", "zzz", "put:0:" + "x" * 500):
        assert client.post(page, {**TREE, **two, "act": nonsense}).status_code == 200


def test_what_is_wrong_stands_beside_and_what_was_typed_stays(cast: Cast) -> None:
    client = cast.client("comms")
    wrong = {**TREE, "name": " ", "gives_up_after": "soon", "steps": "1", "s0-wait": "many", "act": "save"}
    answer = client.post("/console/escalation/new/", wrong)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "Give a whole number of minutes to wait." in shown
    assert 'value="many"' in shown
    assert 'value="soon"' in shown


def test_an_editor_does_not_overwrite_anothers_change(cast: Cast) -> None:
    make_tree(cast, (5, (duty("legal"),)))
    client, page = cast.client("comms"), "/console/escalation/trees/night/edit/"
    assert 'name="edition" value="1"' in words(client, page)
    given = {**TREE, "edition": "1", "steps": "0", "act": "save"}
    assert client.post(page, given).status_code == 302
    again = client.post(page, given)
    assert again.status_code == 422
    assert "Nothing was overwritten" in again.content.decode()


def test_a_trees_page_shows_its_week_and_what_to_mend(cast: Cast) -> None:
    make_tree(cast, (5, (to(colleague(cast, "techlead")),)), time_zone="Europe/Berlin")
    client = cast.client("auditor")
    shown = words(client, "/console/escalation/trees/night/?week=2026-10-25")
    assert shown.count('class="hour"') == 169 + 5  # the week in which Berlin has an hour twice; the legend
    assert "hangs on one person with one address: Techlead" in shown
    assert words(client, "/console/escalation/trees/night/?week=never").count('class="hour"') == 168 + 5
    assert "Europe/Berlin" in shown


def test_people_are_called_by_the_page_and_one_of_them_has_it(cast: Cast) -> None:
    tree = make_tree(cast, (5, (duty("technical"),)), (5, (duty("manager_on_duty"),)))
    client = cast.client("commander")
    start = f"/console/escalation/trees/{tree.key}/start/"
    assert "Techlead" in words(client, start)
    assert client.post(start, {"title": ""}).status_code == 422
    made = client.post(start, {"title": "Checkout is down", "body": "", "incident": ""})
    run = EscalationRun.objects.get()
    assert made.headers["Location"] == f"/console/escalation/runs/{run.public_id}/"
    assert "Next: step 2" in words(client, made.headers["Location"])
    assert "nobody has answered" in words(cast.client("commander"), "/console/")
    called = cast.client("techlead")
    assert "I have it" in words(called, made.headers["Location"])
    called.post(f"/console/escalation/runs/{run.public_id}/answer/")
    assert "Techlead has it" in words(client, made.headers["Location"])
    assert "nobody has answered" not in words(cast.client("commander"), "/console/")


def test_a_run_about_a_restricted_incident_is_not_there_for_others(cast: Cast) -> None:
    incident = make_incident(restricted=True, actor=cast.actor("commander"))
    tree = make_tree(cast, (5, (duty("technical"),)))
    run = start_run(actor=cast.actor("commander"), now=NOW, tree=tree, title="Breach", subject=f"incident:{incident.public_id}")
    page = f"/console/escalation/runs/{run.public_id}/"
    for name in ("techlead", "comms", "outsider"):
        assert cast.client(name).get(page).status_code == 404
        assert cast.client(name).get(f"/api/v1/escalation-runs/{run.public_id}/").status_code == 404
        assert "Breach" not in cast.client(name).get("/console/escalation/").content.decode()
        assert cast.client(name).post(f"{page}answer/").status_code == 404
    grant_access(actor=cast.actor("commander"), now=NOW, incident=incident, to=cast.techlead)
    assert "Breach" in words(cast.client("techlead"), page)


def drill(cast: Cast) -> Drill:
    internal = Audience.objects.get(key="internal")
    comms = cast.actor("comms")
    people = {name: colleague(cast, name) for name in ("techlead", "comms", "manager", "legal")}
    add_members(actor=comms, now=NOW, audience=internal, stakeholders=people.values())
    suppress_contact_point(actor=comms, now=NOW, contact_point=people["manager"].contact_points.get(), reason="bounced")
    opt_out(actor=comms, now=NOW, contact_point=people["legal"].contact_points.get(), audience=internal, source="page")
    made = plan_drill(actor=comms, now=utc_now() - timedelta(minutes=3), title="Can we reach you?", audience=internal)
    Delivery.objects.filter(contact_point__stakeholder=people["comms"]).update(
        state=DeliveryState.DEAD, reason="550 refused", closed_at=NOW
    )
    return made


def test_the_report_says_who_answered_and_whom_it_did_not_reach_and_why(cast: Cast) -> None:
    made = drill(cast)
    page = f"/console/escalation/drills/{made.public_id}/"
    called = cast.client("techlead")
    assert "This has reached me" in words(called, page)
    called.post(f"{page}answer/")
    shown = words(cast.client("auditor"), page)
    assert "25 %" in shown
    assert "3 min" in shown
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(called.get(f"{page}report.csv").content.decode()))}
    assert {name: (row["outcome"], row["why"]) for name, row in rows.items()} == {
        "Techlead": ("answered", ""),
        "Comms": ("failed", "email: 550 refused"),
        "Manager": ("not_sent", "email is suppressed"),
        "Legal": ("not_sent", "has opted out of this audience"),
    }
    assert 180 <= int(rows["Techlead"]["seconds_to_answer"]) < 240
    found = called.get(f"{page}report.json").json()
    assert found["counts"] == {"answered": 1, "silent": 0, "waiting": 0, "failed": 1, "not_sent": 2}
    assert called.get(f"/api/v1/drills/{made.public_id}/").json()["counts"] == found["counts"]
    assert "Manager" not in words(called, f"{page}?show=answered").partition("People")[2]


def test_a_drill_asks_again_before_it_goes_out(cast: Cast) -> None:
    tree = make_tree(cast, (5, (duty("technical"),)))
    client = cast.client("comms")
    given = {"to": f"tree:{tree.key}", "title": "Can we reach you?", "collect_hours": "24"}
    assert "walks every step of Night" in client.post("/console/escalation/drills/new/", given).content.decode()
    assert not Drill.objects.exists()
    client.post("/console/escalation/drills/new/", {**given, "sure": "audience:internal"})
    assert not Drill.objects.exists()
    made = client.post("/console/escalation/drills/new/", {**given, "sure": given["to"]})
    assert Drill.objects.get().started_at is not None
    assert "collecting answers" in words(client, made.headers["Location"])
    client.post(f"{made.headers['Location']}cancel/", {"reason": "A real incident"})
    assert "Called off: A real incident" in words(client, made.headers["Location"])


def test_a_drill_to_people_outside_takes_the_password_and_keeps_what_was_typed(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.manager, backend="django.contrib.auth.backends.ModelBackend")
    given = {"to": "audience:customers", "title": "Yearly test", "collect_hours": "48"}
    assert "They are outside the house" in client.post("/console/escalation/drills/new/", given).content.decode()
    answer = client.post("/console/escalation/drills/new/", {**given, "sure": given["to"]})
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    shown = client.get("/console/escalation/drills/new/").content.decode()
    assert 'value="Yearly test"' in shown
    assert 'value="48"' in shown
    assert not Drill.objects.exists()


def test_overdue_drills_stand_on_the_board_of_whoever_sends_them(cast: Cast) -> None:
    make_tree(cast, drill_every_days=1)  # made by the cast's clock, long ago
    assert "drill overdue" in words(cast.client("comms"), "/console/")
    assert "drill overdue" not in words(cast.client("techlead"), "/console/")
    assert "Drills overdue" in words(cast.client("auditor"), "/console/escalation/")


def test_trees_are_read_by_api_and_written_by_a_signed_in_person(cast: Cast) -> None:
    body = {"key": "day", "name": "Day", "steps": [{"wait_minutes": 5, "targets": [{"duty": "legal", "ring": "on_duty"}]}]}
    client = cast.client("comms")
    assert client.post("/api/v1/escalation-trees/", body, content_type="application/json").status_code == 201
    there = client.get("/api/v1/escalation-trees/day/").json()
    assert there["steps"] == [{"wait_minutes": 5, "targets": [{"stakeholder": None, "duty": "legal", "ring": "on_duty", "tree": None}]}]
    changed = {key: value for key, value in body.items() if key != "key"} | {"edition": 1, "name": "Daytime"}
    address = "/api/v1/escalation-trees/day/"
    assert client.put(address, changed, content_type="application/json").json()["edition"] == 2
    assert client.put(address, changed, content_type="application/json").status_code == 412
    found = client.get("/api/v1/escalation-trees/day/week/?at=2026-03-02T14:00:00Z").json()
    assert found["start"] == "2026-03-02T00:00:00Z"
    assert [one["kind"] for one in found["findings"]] == ["single_point"]
    assert found["stretches"][0]["steps"] == [{"after_minutes": 0, "names": ["Legal"]}]
    assert client.get("/api/v1/escalation-trees/day/week/?at=soon").status_code == 400
    run = client.post("/api/v1/escalation-runs/", {"tree": "day", "title": "Help"}, content_type="application/json").json()
    assert [call["name"] for call in run["steps"][0]["calls"]] == ["Legal"]
    answer = cast.client("legal").post(f"/api/v1/escalation-runs/{run['id']}/answer/", content_type="application/json")
    assert answer.json()["name"] == "Legal"
    assert client.get(f"/api/v1/escalation-runs/{run['id']}/").json()["ending"] == "acknowledged"


def test_every_page_of_it_opens(cast: Cast) -> None:
    tree, run, made = escalation_things(cast)
    client = cast.client("comms")
    for page in ("", f"trees/{tree.key}/", f"trees/{tree.key}/edit/", f"runs/{run.public_id}/", f"drills/{made.public_id}/", "drills/new/"):
        words(client, f"/console/escalation/{page}")
    answer = client.post(f"/console/escalation/trees/{tree.key}/retire/")
    assert answer.headers["Location"] == "/console/escalation/"
    assert "Retired trees (1)" in words(client, "/console/escalation/")
