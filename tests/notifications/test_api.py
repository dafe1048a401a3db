"""Releases by API, and who may not know of them."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from incidents.models import Incident
from notifications.models import Message
from notifications.services import claim_and_send
from tests.support.cast import NOW, Cast
from tests.support.releases import released, subscribers
from tests.support.sinks import Sink

pytestmark = pytest.mark.django_db


def client(cast: Cast, name: str) -> APIClient:
    found = APIClient()
    found.force_login(cast.user(name), backend="django.contrib.auth.backends.ModelBackend")
    return found


def test_a_release_tells_how_its_deliveries_stand(cast: Cast, sink: Sink) -> None:
    subscribers("anna@example.com", "gone@example.com")
    sink.bad = {"gone@example.com"}
    release = released(cast)
    reader = client(cast, "auditor")
    before = reader.get(f"/api/v1/releases/{release.public_id}/").json()
    assert (before["deliveries"], before["planned"], before["done"]) == ({"planned": 2}, 2, False)
    while claim_and_send():
        pass
    after = reader.get(f"/api/v1/releases/{release.public_id}/").json()
    assert after["deliveries"] == {"accepted": 1, "bounced": 1}
    assert (after["planned"], after["done"]) == (2, True)
    assert after["content_hash"] == release.content_hash
    assert (after["id"], after["update"], after["incident"]) == (
        release.public_id,
        release.update_of.public_id,
        release.update_of.incident.public_id,
    )
    assert reader.get("/api/v1/releases/").json()["results"] == [after]
    assert reader.get("/api/v1/releases/?incident=nothing").json()["results"] == []


def test_a_release_that_is_still_being_planned_is_not_done(cast: Cast, sink: Sink) -> None:
    subscribers("anna@example.com")
    release = released(cast)
    while claim_and_send():
        pass
    reader, where = client(cast, "auditor"), f"/api/v1/releases/{release.public_id}/"
    assert reader.get(where).json()["done"]
    Message.objects.filter(release=release).update(finished_at=None, planned_at=None)
    one, listed = reader.get(where).json(), reader.get("/api/v1/releases/").json()["results"][0]
    assert (one["deliveries"], one["done"], listed["done"]) == ({"accepted": 1}, False, False)
    Message.objects.filter(release=release).update(ended_as="cancelled", ended_reason="Wrong list.", ended_at=NOW, ended_by=cast.commander)
    assert reader.get(where).json()["done"], "of what was cancelled nothing more is planned"


def test_a_release_of_a_restricted_incident_answers_as_a_missing_one(cast: Cast) -> None:
    release = released(cast)
    Incident.objects.update(restricted=True)
    reader = client(cast, "responder")
    hidden, missing = (reader.get(f"/api/v1/releases/{name}/") for name in (release.public_id, "000000000000"))
    assert (hidden.status_code, hidden.content) == (missing.status_code, missing.content)
    assert hidden.status_code == 404
    assert reader.get("/api/v1/releases/").json()["results"] == []


def test_the_outsider_sees_no_release_and_a_stranger_is_asked_who_they_are(cast: Cast) -> None:
    release = released(cast)
    assert client(cast, "outsider").get(f"/api/v1/releases/{release.public_id}/").status_code == 404
    assert Client().get("/api/v1/releases/").status_code == 401
