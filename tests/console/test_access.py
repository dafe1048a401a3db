"""Letting somebody into a restricted incident, from the room and over the API."""

import pytest

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
    answer = cast.client("commander").post(f"{room}access/", {"user": "techlead"}, follow=True)
    assert "Techlead sees this incident now" in answer.content.decode()
    assert cast.client("techlead").get(room).status_code == 200
    granted = entries_about(f"incident:{restricted.public_id}").filter(type="incident.access_granted").count()
    cast.client("commander").post(f"{room}access/", {"user": "techlead"})
    assert entries_about(f"incident:{restricted.public_id}").filter(type="incident.access_granted").count() == granted


def test_a_name_that_nobody_has_is_said(cast: Cast, restricted: Incident) -> None:
    answer = cast.client("commander").post(f"/console/incidents/{restricted.public_id}/access/", {"user": "nobody"}, follow=True)
    assert "Nobody signs in as “nobody”" in answer.content.decode()


def test_the_api_grants_and_lists(cast: Cast, restricted: Incident) -> None:
    path = f"/api/v1/incidents/{restricted.public_id}/access/"
    client = cast.client("commander")
    assert client.post(path, {"user": "comms"}, content_type="application/json").status_code == 201
    assert "comms" in [row["user"] for row in client.get(path).json()["results"]]
    assert client.post(path, {"user": "nobody"}, content_type="application/json").status_code == 400


def test_who_sees_it_but_may_not_restrict_lets_nobody_in(cast: Cast, restricted: Incident) -> None:
    cast.client("commander").post(f"/console/incidents/{restricted.public_id}/access/", {"user": "techlead"})
    refused = cast.client("techlead").post(f"/console/incidents/{restricted.public_id}/access/", {"user": "outsider"})
    assert refused.status_code == 403
    hidden = cast.client("outsider").post(f"/api/v1/incidents/{restricted.public_id}/access/", {"user": "outsider"})
    assert hidden.status_code == 404
