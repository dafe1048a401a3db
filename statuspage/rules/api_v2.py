"""The bodies of the Statuspage public API v2, as existing clients read them (pages under ``/api/v2/``)."""

import datetime as dt
import json
from typing import Any

from statuspage.rules.indicator import overall
from statuspage.rules.put_right import body_said
from statuspage.rules.record import ComponentRecord, GroupRecord, IncidentRecord, PageRecord, UpdateRecord, worst_of

LATEST_INCIDENTS = 50
Json = dict[str, Any]


def documents(page: PageRecord, *, now: dt.datetime) -> dict[str, bytes]:
    """Every file below ``/api/v2/``, by its path on the page. `now` dates a page that says nothing yet."""
    head: Json = {"page": _page(page, now)}
    status: Json = {"status": _status(page)}
    parts = [_component(page, component) for component in page.components] + [_group(page, group) for group in page.groups]
    components: Json = {"components": parts}
    unresolved: Json = {"incidents": [_incident(page, incident) for incident in page.open_incidents()]}
    latest: Json = {"incidents": [_incident(page, incident) for incident in page.incidents[:LATEST_INCIDENTS]]}
    no_maintenance: Json = {"scheduled_maintenances": []}
    bodies: dict[str, Json] = {
        "summary": head | components | unresolved | no_maintenance | status,
        "status": head | status,
        "components": head | components,
        "incidents": head | latest,
        "incidents/unresolved": head | unresolved,
        "scheduled-maintenances": head | no_maintenance,
        "scheduled-maintenances/upcoming": head | no_maintenance,
        "scheduled-maintenances/active": head | no_maintenance,
    }
    return {f"api/v2/{name}.json": _bytes(body) for name, body in bodies.items()}


def instant(at: dt.datetime) -> str:
    """ISO 8601 in UTC with milliseconds and ``Z``."""
    return f"{at.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def _maybe(at: dt.datetime | None) -> str | None:
    return None if at is None else instant(at)


def _bytes(body: Json) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _page(page: PageRecord, now: dt.datetime) -> Json:
    return {"id": page.code, "name": page.name, "url": page.url, "time_zone": "Etc/UTC", "updated_at": instant(page.updated_at(now))}


def _status(page: PageRecord) -> Json:
    indicator, description = overall(
        [component.status for component in page.components], [incident.impact for incident in page.open_incidents()]
    )
    return {"indicator": indicator.value, "description": description}


def _component(page: PageRecord, component: ComponentRecord) -> Json:
    return {
        "id": component.code,
        "name": component.name,
        "status": component.status.value,
        "created_at": instant(component.created_at),
        "updated_at": instant(component.updated_at),
        "position": component.position,
        "description": component.description or None,
        "showcase": False,
        "start_date": component.start_date.isoformat() if component.start_date else None,
        "group_id": component.group,
        "page_id": page.code,
        "group": False,
        "only_show_if_degraded": False,
    }


def _group(page: PageRecord, group: GroupRecord) -> Json:
    members = page.members(group.code)
    return {
        "id": group.code,
        "name": group.name,
        "status": worst_of(members).value,
        "created_at": instant(group.created_at),
        "updated_at": instant(group.updated_at),
        "position": group.position,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": page.code,
        "group": True,
        "only_show_if_degraded": False,
        "components": [component.code for component in members],
    }


def _incident(page: PageRecord, incident: IncidentRecord) -> Json:
    affected = incident.affected_codes()
    return {
        "id": incident.code,
        "name": incident.name,
        "status": incident.status,
        "created_at": instant(incident.created_at),
        "updated_at": instant(incident.updated_at),
        "monitoring_at": _maybe(incident.monitoring_at),
        "resolved_at": _maybe(incident.resolved_at),
        "impact": incident.impact,
        "shortlink": f"{page.url}/incidents/{incident.code}",
        "started_at": instant(incident.started_at),
        "page_id": page.code,
        "incident_updates": [_update(page, incident, update) for update in incident.updates],
        "components": [_component(page, component) for component in page.components if component.code in affected],
    }


def _update(page: PageRecord, incident: IncidentRecord, update: UpdateRecord) -> Json:
    names = {component.code: page.component_name(component) for component in page.components}
    affected = [
        {"code": part.code, "name": names[part.code], "old_status": part.old_status, "new_status": part.new_status}
        for part in update.affected
    ]
    at = instant(update.at)
    return {
        "id": update.code,
        "status": update.status,
        "body": body_said(update),
        "incident_id": incident.code,
        "created_at": at,
        "updated_at": instant(update.put_right.at) if update.put_right else at,
        "display_at": at,
        "affected_components": affected or None,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }
