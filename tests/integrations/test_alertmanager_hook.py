"""What a notification of Alertmanager does, and what a repeat, a replay or a late one does not."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.actors import system
from audit.services.verify import verify_log
from incidents.models import Incident, TimelineEntry, Update
from incidents.queries import current_decision
from incidents.services import start_update
from integrations.models import AlertEpisode, InboundEvent
from notifications.models import Message
from tests.integrations.conftest import Post
from tests.support.alertmanager import LATER, alert, body
from tests.support.cast import NOW, Cast
from tests.support.factories import make_component
from tests.support.log import audit_types
from tests.support.releases import let_go, reviewed

pytestmark = pytest.mark.django_db

RESOLVED = {"status": "resolved"}


def counts() -> dict[str, int]:
    """How much there is of everything a notification can make."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT size FROM audit_head")
        row = cursor.fetchone()
    made = [Incident, Update, TimelineEntry, InboundEvent, AlertEpisode]
    return {model.__name__: model.objects.count() for model in made} | {"log": row[0]}  # type: ignore[attr-defined]  # every model has objects


def resolve(cast: Cast, incident: Incident) -> None:
    """Our incident is resolved by a release, as people would do it."""
    update = start_update(actor=system("test"), now=NOW, incident=incident, status="resolved")
    let_go(cast, reviewed(cast, update), NOW + timedelta(hours=1))


def texts(incident: Incident) -> list[str]:
    return list(incident.timeline.filter(kind="alert").order_by("id").values_list("text", flat=True))


def test_a_critical_group_opens_a_confirmed_sev1_with_its_component_and_a_draft(post: Post, cast: Cast) -> None:
    component = make_component(key="checkout", name="Checkout")
    answer = post(body(alert()))
    assert (answer.status_code, answer.json()) == (200, {"outcome": "opened", "new_alerts": 1})
    incident = Incident.objects.get()
    assert (incident.severity, incident.stage, incident.category, incident.impact) == ("SEV1", "confirmed", "application", "major")
    assert incident.title == "HighErrorRate: 5xx above 5%"
    assert list(incident.components.all()) == [component]
    assert incident.opened_by == "source:alertmanager"
    assert current_decision(incident).outcome == "required"
    assert texts(incident) == ["Alert firing: HighErrorRate on web-1: 5xx above 5%"]
    draft = incident.updates.get()
    assert draft.state == "draft"
    assert "hook.received" in audit_types("hook:alertmanager")
    assert verify_log().bad_index is None


@pytest.mark.parametrize(
    ("severity", "expected"),
    [("critical", ("SEV1", "confirmed")), ("warning", ("SEV3", "watching")), ("info", ("SEV4", "watching")), ("", ("SEV4", "watching"))],
)
def test_the_shipped_mapping_reads_the_label_severity(post: Post, severity: str, expected: tuple[str, str]) -> None:
    post(body(alert(severity=severity)))
    incident = Incident.objects.get()
    assert (incident.severity, incident.stage) == expected


def test_the_most_severe_alert_of_a_group_decides(post: Post) -> None:
    post(body(alert(instance="web-1", severity="warning"), alert(instance="web-2", severity="critical")))
    assert Incident.objects.get().severity == "SEV1"


def test_the_commanders_hear_of_it_once_however_often_the_alert_is_repeated(post: Post, cast: Cast) -> None:
    post(body(alert()))
    post(body(alert()))
    incident = Incident.objects.get()
    told = Message.objects.get(incident=incident)
    assert told.source_key == f"incident:{incident.public_id}:opened"
    assert told.deliveries.get().user == cast.commander


def test_an_unknown_component_is_noted_and_not_invented(post: Post) -> None:
    post(body(alert(service="nowhere")))
    incident = Incident.objects.get()
    assert not incident.components.exists()
    assert incident.timeline.get(kind="mapping").text == "No component has the key “nowhere”, which the label service names."


def test_a_repeat_changes_nothing(post: Post) -> None:
    post(body(alert()))
    before = counts()
    for _ in range(3):
        answer = post(body(alert()))
        assert (answer.status_code, answer.json()) == (200, {"outcome": "nothing", "new_alerts": 0})
    assert counts() == before


def test_the_same_alert_in_other_bytes_changes_nothing_but_is_kept(post: Post) -> None:
    post(body(alert()))
    before = counts()
    # The same instant, written with another offset and without the trailing zeros.
    post(body(alert(starts_at="2026-03-02T14:59:30.123456789+01:00"), receiver="another"))
    assert counts() == before | {"InboundEvent": before["InboundEvent"] + 1}


def test_another_instance_of_the_group_joins(post: Post) -> None:
    post(body(alert()))
    answer = post(body(alert(), alert(instance="web-2")))
    assert answer.json() == {"outcome": "joined", "new_alerts": 1}
    assert texts(Incident.objects.get()) == [
        "Alert firing: HighErrorRate on web-1: 5xx above 5%",
        "Alert firing: HighErrorRate on web-2: 5xx above 5%",
    ]


def test_another_group_opens_its_own(post: Post) -> None:
    post(body(alert()))
    post(body(alert("DiskFull", instance="db-1"), group='{}:{alertname="DiskFull"}'))
    assert Incident.objects.count() == 2


def test_resolved_is_noted_and_proposes_one_resolution_beside_the_draft_in_progress(post: Post, cast: Cast) -> None:
    post(body(alert()))
    incident = Incident.objects.get()
    draft = incident.updates.get()
    words = draft.current.content if draft.current else None
    answer = post(body(alert(status="resolved")))
    assert answer.json() == {"outcome": "noted", "new_alerts": 1}
    assert texts(incident)[-1] == "Alert resolved: HighErrorRate on web-1: 5xx above 5%"
    proposal = incident.updates.exclude(pk=draft.pk).get()
    assert proposal.current is not None
    assert proposal.current.parsed().status == "resolved"
    assert proposal.current.author is None
    draft.refresh_from_db()
    assert draft.current is not None
    assert draft.current.content == words
    incident.refresh_from_db()
    assert incident.status == "investigating"

    # Firing and ending once more while ours is open: noted, but the proposal is there already.
    post(body(alert(starts_at=LATER)))
    post(body(alert(starts_at=LATER, status="resolved", ends_at="2026-03-02T15:20:00Z")))
    assert incident.updates.count() == 2
    assert len(texts(incident)) == 4


def test_a_group_of_which_one_alert_ended_is_not_resolved(post: Post) -> None:
    post(body(alert(), alert(instance="web-2")))
    post(body(alert(status="resolved"), alert(instance="web-2")))
    incident = Incident.objects.get()
    assert incident.updates.count() == 1
    post(body(alert(status="resolved"), alert(instance="web-2", status="resolved")))
    assert incident.updates.count() == 2


def test_an_end_that_comes_before_its_own_start_leaves_nothing_open(post: Post) -> None:
    assert post(body(alert(status="resolved"))).json()["outcome"] == "nothing"
    assert post(body(alert())).json() == {"outcome": "nothing", "new_alerts": 0}
    assert not Incident.objects.exists()


def test_firing_again_after_ours_is_resolved_opens_a_new_one(post: Post, cast: Cast) -> None:
    post(body(alert()))
    first = Incident.objects.get()
    post(body(alert(status="resolved")))
    resolve(cast, first)
    answer = post(body(alert(starts_at=LATER)))
    assert answer.json() == {"outcome": "opened", "new_alerts": 1}
    assert Incident.objects.count() == 2


def test_old_messages_after_resolution_change_nothing(post: Post, cast: Cast) -> None:
    firing, ended = body(alert()), body(alert(status="resolved"))
    post(firing)
    post(ended)
    resolve(cast, Incident.objects.get())
    before = counts()
    for old in (firing, ended, firing):
        assert post(old).json() == {"outcome": "nothing", "new_alerts": 0}
    assert counts() == before
    # Unseen bytes about an episode that a later one has overtaken.
    post(body(alert(starts_at="2026-03-02T11:00:00Z")))
    assert Incident.objects.count() == 1


def test_nothing_is_ever_released_by_it(post: Post) -> None:
    post(body(alert()))
    post(body(alert(status="resolved")))
    assert set(Update.objects.values_list("state", flat=True)) == {"draft"}
    assert Incident.objects.get().status == "investigating"


def test_a_flood_is_summed_up(post: Post) -> None:
    post(body(*[alert(instance=f"web-{number}") for number in range(50)]))
    lines = texts(Incident.objects.get())
    assert len(lines) == 21
    assert lines[-1] == "… and 30 more alerts in the same message"


def test_control_characters_do_not_reach_titles(post: Post) -> None:
    post(body(alert(summary="one\r\nBcc: x\x00\x1b[31m two\ud800")))
    assert Incident.objects.get().title == "HighErrorRate: one Bcc: x[31m two"


def test_an_alert_without_labels_still_opens(post: Post) -> None:
    bare: dict[str, Any] = alert() | {"labels": {}, "annotations": {}}
    assert post(body(bare)).json()["outcome"] == "opened"
    assert Incident.objects.get().title == "Alert without a name"


def test_an_address_without_its_last_slash_takes_the_notification_in_too(hook_token: str) -> None:
    answer = Client().post(
        "/hooks/alertmanager", body(alert()), content_type="application/json", headers={"authorization": f"Bearer {hook_token}"}
    )
    assert (answer.status_code, answer.json()["outcome"]) == (200, "opened")
