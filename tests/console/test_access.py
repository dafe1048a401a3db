"""Letting somebody into a restricted incident, from the room and over the API."""

import pytest

from accounts.services.people import create_team
from audit.queries import entries_about
from incidents.models import Incident
from incidents.services import change_incident
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def restricted(cast: Cast) -> Incident:
    incident = make_incident(actor=cast.actor("commander"))
    return change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, restricted=True)


def test_the_commander_lets_a_reviewer_in_from_the_room(cast: Cast, restricted: Incident) -> None:
    room = f"/console/incidents/{restricted.public_id}/"
    assert cast.client("techlead").get(room).status_code == 404
    answer = cast.client("commander").post(f"{room}access/", {"to": "user:techlead"}, follow=True)
    assert "Techlead sees this incident now" in answer.content.decode()
    assert cast.client("techlead").get(room).status_code == 200
    granted = entries_about(f"incident:{restricted.public_id}").filter(type="incident.access_granted").count()
    cast.client("commander").post(f"{room}access/", {"to": "user:techlead"})
    assert entries_about(f"incident:{restricted.public_id}").filter(type="incident.access_granted").count() == granted


def test_a_name_that_nobody_has_is_said(cast: Cast, restricted: Incident) -> None:
    answer = cast.client("commander").post(f"/console/incidents/{restricted.public_id}/access/", {"to": "user:nobody"}, follow=True)
    assert "Choose a person or a team of the list." in answer.content.decode()


def test_the_api_grants_and_lists(cast: Cast, restricted: Incident) -> None:
    path = f"/api/v1/incidents/{restricted.public_id}/access/"
    client = cast.client("commander")
    assert client.post(path, {"user": "comms"}, content_type="application/json").status_code == 201
    assert "comms" in [row["user"] for row in client.get(path).json()["results"]]
    assert client.post(path, {"user": "nobody"}, content_type="application/json").status_code == 400


def test_who_sees_it_but_may_not_restrict_lets_nobody_in(cast: Cast, restricted: Incident) -> None:
    cast.client("commander").post(f"/console/incidents/{restricted.public_id}/access/", {"to": "user:techlead"})
    refused = cast.client("techlead").post(f"/console/incidents/{restricted.public_id}/access/", {"to": "user:outsider"})
    assert refused.status_code == 403
    hidden = cast.client("outsider").post(f"/api/v1/incidents/{restricted.public_id}/access/", {"user": "outsider"})
    assert hidden.status_code == 404


def test_a_team_is_let_in_from_the_room_and_over_the_api(cast: Cast, restricted: Incident) -> None:
    room, api = f"/console/incidents/{restricted.public_id}/", f"/api/v1/incidents/{restricted.public_id}/access/"
    create_team(actor=cast.actor("admin"), now=NOW, key="payments", name="Payments", members=[cast.techlead])
    create_team(actor=cast.actor("admin"), now=NOW, key="counsel", name="Counsel", members=[cast.legal])
    commander = cast.client("commander")
    assert "Payments (everyone in it)" in commander.get(room).content.decode()
    answer = commander.post(f"{room}access/", {"to": "team:payments"}, follow=True).content.decode()
    assert "Everyone in Payments sees this incident now" in answer
    assert cast.client("techlead").get(room).status_code == 200
    assert cast.client("legal").get(room).status_code == 404
    assert commander.post(api, {"team": "counsel"}, content_type="application/json").status_code == 201
    assert cast.client("legal").get(room).status_code == 200
    assert [row["key"] for row in commander.get(f"{api}teams/").json()["results"]] == ["counsel", "payments"]


def test_the_api_takes_a_user_or_a_team_and_not_both(cast: Cast, restricted: Incident) -> None:
    api = f"/api/v1/incidents/{restricted.public_id}/access/"
    assert cast.client("commander").post(api, {}, content_type="application/json").status_code == 400
    create_team(actor=cast.actor("admin"), now=NOW, key="payments", name="Payments")
    both = {"user": "comms", "team": "payments"}
    assert cast.client("commander").post(api, both, content_type="application/json").status_code == 400
    assert cast.client("outsider").get(f"{api}teams/").status_code == 404


def test_only_people_who_read_incidents_can_be_chosen(cast: Cast, restricted: Incident) -> None:
    room = f"/console/incidents/{restricted.public_id}/"
    page = cast.client("commander").get(room).content.decode()
    assert 'value="user:techlead"' in page
    assert 'value="user:outsider"' not in page
    assert 'value="user:commander"' not in page, "who is in already is not offered again"


def test_lifting_the_restriction_asks_for_the_password_again_and_leads_back(cast: Cast, restricted: Incident) -> None:
    client = cast.client("commander")
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    room = f"/console/incidents/{restricted.public_id}/"
    answer = client.post(f"{room}change/", {"fact": "restricted", "version": restricted.version})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/?next=")
    assert "change%3Drestricted" in answer.headers["Location"]
    assert Incident.objects.get(pk=restricted.pk).restricted
    cast.client("commander").post(f"{room}change/", {"fact": "restricted", "version": restricted.version})
    assert not Incident.objects.get(pk=restricted.pk).restricted
