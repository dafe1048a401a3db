"""The log does not tell of a restricted incident to those who may read the log but were not granted the incident."""

import pytest

from incidents.services import change_incident, grant_access
from tests.support.cast import NOW, Cast
from tests.support.factories import make_incident, make_update


@pytest.mark.django_db
def test_the_log_hides_a_restricted_incident_until_it_is_granted(cast: Cast) -> None:
    incident = make_incident(actor=cast.actor("commander"), title="Canary-7f3a", stage="confirmed")
    update = make_update(incident=incident, actor=cast.actor("commander"))
    client = cast.client("admin")
    assert "Canary-7f3a" in client.get("/console/audit/").content.decode()
    change_incident(actor=cast.actor("commander"), now=NOW, incident_id=incident.pk, restricted=True)
    for path in ("/console/audit/", "/api/v1/audit/entries/", f"/api/v1/audit/entries/?subject=incident:{incident.public_id}"):
        told = client.get(path).content.decode()
        assert "Canary-7f3a" not in told
        assert f"update:{update.public_id}" not in told
    grant_access(actor=cast.actor("commander"), now=NOW, incident=incident, to=cast.admin)
    assert "Canary-7f3a" in client.get("/console/audit/").content.decode()
    assert cast.client("outsider").get("/api/v1/audit/entries/").status_code == 403
