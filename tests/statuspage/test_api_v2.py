"""The public API v2 in the exact shapes that clients of Statuspage read."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from statuspage.rules.api_v2 import documents, instant
from tests.statuspage.records import PAGE, START, at

BODIES = {name.removeprefix("api/v2/").removesuffix(".json"): json.loads(body) for name, body in documents(PAGE, now=at(99)).items()}
HEAD = {
    "id": "pagepagepage",
    "name": "Acme status",
    "url": "https://status.acme.example",
    "time_zone": "Etc/UTC",
    "updated_at": "2026-08-21T00:37:04.123Z",
}
CARDS = {
    "id": "cardscardsca",
    "name": "Cards",
    "status": "partial_outage",
    "created_at": "2026-08-21T00:07:04.123Z",
    "updated_at": "2026-08-21T00:37:04.123Z",
    "position": 1,
    "description": None,
    "showcase": False,
    "start_date": "2026-01-02",
    "group_id": "grouppayment",
    "page_id": "pagepagepage",
    "group": False,
    "only_show_if_degraded": False,
}


def test_every_document_names_the_page() -> None:
    assert sorted(BODIES) == [
        "components",
        "incidents",
        "incidents/unresolved",
        "scheduled-maintenances",
        "scheduled-maintenances/active",
        "scheduled-maintenances/upcoming",
        "status",
        "summary",
    ]
    assert all(body["page"] == HEAD for body in BODIES.values())


def test_the_summary_holds_what_its_parts_hold() -> None:
    summary = BODIES["summary"]
    assert list(summary) == ["page", "components", "incidents", "scheduled_maintenances", "status"]
    assert summary["status"] == BODIES["status"]["status"] == {"indicator": "major", "description": "Partial System Outage"}
    assert summary["components"] == BODIES["components"]["components"]
    assert summary["incidents"] == BODIES["incidents/unresolved"]["incidents"]
    assert BODIES["scheduled-maintenances/active"]["scheduled_maintenances"] == []


def test_components_and_groups() -> None:
    cards, login, payments = BODIES["components"]["components"]
    assert cards == CARDS
    assert login["group_id"] is None
    assert payments["group"] is True
    assert payments["components"] == ["cardscardsca"]
    assert (payments["status"], payments["group_id"]) == ("partial_outage", None)


def test_an_incident_with_its_updates_newest_first() -> None:
    live = dict(BODIES["incidents"]["incidents"][0])
    updates = live.pop("incident_updates")
    assert live == {
        "id": "incidentlive",
        "name": "Paying by card fails & more",
        "status": "identified",
        "created_at": "2026-08-21T00:10:04.123Z",
        "updated_at": "2026-08-21T00:37:04.123Z",
        "monitoring_at": None,
        "resolved_at": None,
        "impact": "major",
        "shortlink": "https://status.acme.example/incidents/incidentlive",
        "started_at": "2026-08-21T00:07:04.123Z",
        "page_id": "pagepagepage",
        "components": [CARDS],
    }
    assert updates[0] == {
        "id": "updatesecond",
        "status": "identified",
        "body": "The cause is **known**.\n\nBank transfer works.",
        "incident_id": "incidentlive",
        "created_at": "2026-08-21T00:37:04.123Z",
        "updated_at": "2026-08-21T00:37:04.123Z",
        "display_at": "2026-08-21T00:37:04.123Z",
        "affected_components": [
            {"code": "cardscardsca", "name": "Payments - Cards", "old_status": "major_outage", "new_status": "partial_outage"}
        ],
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }
    assert updates[1]["affected_components"] is None


def test_unresolved_leaves_out_what_is_over_and_the_latest_are_fifty() -> None:
    assert [incident["id"] for incident in BODIES["incidents/unresolved"]["incidents"]] == ["incidentlive"]
    many = replace(PAGE, incidents=PAGE.incidents * 40)
    assert len(json.loads(documents(many, now=at(99))["api/v2/incidents.json"])["incidents"]) == 50


def test_instants_are_utc_with_milliseconds() -> None:
    assert instant(START) == "2026-08-21T00:07:04.123Z"


Shape = dict[str, set[str]]


def shape(of: list[dict[str, Any]]) -> Shape:
    """Every key with the JSON types of its values."""
    found: Shape = {}
    for item in of:
        for key, value in item.items():
            found.setdefault(key, set()).add(type(value).__name__)
    return found


def recorded() -> list[dict[str, Any]]:
    folder = os.environ.get("SAMPLES_DIR")
    if not folder:
        pytest.skip("SAMPLES_DIR is not set: it names the folder of recorded pages")
    return [json.loads(path.read_bytes()) for path in sorted((Path(folder) / "statuspage_pages").glob("*.json"))]


def parts(bodies: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Pages, statuses, components, groups, incidents, updates and affected components of all the bodies."""
    components = [part for body in bodies for part in body.get("components", [])]
    incidents = [incident for body in bodies for incident in body.get("incidents", [])]
    updates = [update for incident in incidents for update in incident["incident_updates"]]
    return {
        "page": [body["page"] for body in bodies],
        "status": [body["status"] for body in bodies if "status" in body],
        "component": [part for part in components if not part["group"]],
        "group": [part for part in components if part["group"]],
        "incident": incidents,
        "update": updates,
        "affected": [part for update in updates for part in update["affected_components"] or []],
    }


@pytest.mark.parametrize("part", ["page", "status", "component", "group", "incident", "update", "affected"])
def test_keys_and_types_are_those_of_recorded_pages(part: str) -> None:
    theirs, ours = shape(parts(recorded())[part]), shape(parts(list(BODIES.values()))[part])
    # Newer pages say how often they remind their own staff; it is always null and not in the contract.
    theirs.pop("reminder_intervals", None)
    assert ours.keys() == theirs.keys()
    for key, types in ours.items():
        # No recorded incident had been set to monitoring before it was over, nor a tweet: null is all that was seen.
        assert types <= theirs[key] | {"NoneType"}, key
        assert types - {"NoneType"} or "NoneType" in theirs[key], key


def test_top_level_keys_are_those_of_a_recorded_summary() -> None:
    summaries = [body for body in recorded() if "status" in body]
    assert summaries
    assert all(body.keys() == BODIES["summary"].keys() for body in summaries)
