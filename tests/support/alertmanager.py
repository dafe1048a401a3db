"""Bodies as Alertmanager sends them (webhook version 4), written by hand."""

import json
from typing import Any

START = "2026-03-02T13:59:30.123456789Z"
LATER = "2026-03-02T15:10:00Z"
NEVER = "0001-01-01T00:00:00Z"


def alert(
    name: str = "HighErrorRate",
    *,
    instance: str = "web-1",
    severity: str = "critical",
    service: str = "checkout",
    status: str = "firing",
    starts_at: str = START,
    ends_at: str = "",
    summary: str = "5xx above 5%",
    fingerprint: str = "",
) -> dict[str, Any]:
    """One alert; its fingerprint follows from its name and instance."""
    return {
        "status": status,
        "labels": {"alertname": name, "instance": instance, "severity": severity, "service": service},
        "annotations": {"summary": summary},
        "startsAt": starts_at,
        "endsAt": ends_at or (NEVER if status == "firing" else "2026-03-02T14:20:00Z"),
        "generatorURL": "",
        "fingerprint": fingerprint or f"{name}-{instance}",
    }


def body(*alerts: dict[str, Any], group: str = '{}:{alertname="HighErrorRate"}', **changes: Any) -> bytes:
    """A notification about a group; firing while any of its alerts is."""
    status = "firing" if any(one["status"] == "firing" for one in alerts) else "resolved"
    data = {
        "receiver": "statuscomms", "status": status, "alerts": list(alerts), "groupLabels": {}, "commonLabels": {},
        "commonAnnotations": {}, "externalURL": "http://alertmanager.example", "version": "4", "groupKey": group, "truncatedAlerts": 0,
    }  # fmt: skip
    return json.dumps(data | changes).encode()
