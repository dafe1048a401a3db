"""Bodies recorded from a real Alertmanager 0.25."""

import json
import os
from pathlib import Path

import pytest

from incidents.models import Incident
from integrations.alertmanager.payload import read
from tests.integrations.conftest import Post

pytestmark = pytest.mark.django_db


@pytest.fixture
def recorded() -> dict[str, bytes]:
    """The bodies by file name."""
    folder = os.environ.get("SAMPLES_DIR")
    if not folder:
        pytest.skip("SAMPLES_DIR is not set: it names the folder of recorded bodies")
    found = {path.name: path.read_bytes() for path in sorted(Path(folder, "webhook_bodies").glob("real_am025_*.json"))}
    assert found, f"{folder}/webhook_bodies holds no recorded body of Alertmanager"
    return found


def test_every_recorded_body_is_read(recorded: dict[str, bytes]) -> None:
    for name, body in recorded.items():
        notification = read(body)
        assert notification.group_key == json.loads(body)["groupKey"], name
        assert [alert.fingerprint for alert in notification.alerts] == [alert["fingerprint"] for alert in json.loads(body)["alerts"]]


def test_recorded_bodies_open_one_incident_per_group_and_repeats_none(post: Post, recorded: dict[str, bytes]) -> None:
    for _ in range(2):
        for name, body in recorded.items():
            assert post(body).status_code == 200, name
    groups = {json.loads(body)["groupKey"] for body in recorded.values()}
    assert Incident.objects.count() == len(groups)
    errors = Incident.objects.get(title__startswith="HighErrorRate")
    assert (errors.severity, errors.stage, errors.title) == ("SEV1", "confirmed", "HighErrorRate: 5xx above 5%")
    assert errors.timeline.filter(kind="alert").count() == 2
    assert errors.updates.filter(current__content__facts__status="resolved").count() == 1
    full = Incident.objects.get(title__startswith="DiskFull")
    assert (full.severity, full.stage, full.title) == ("SEV3", "watching", "DiskFull")
