"""The facts of an incident as the room lists them: each with who set it, when, and whether this person may change it."""

from collections.abc import Mapping
from typing import Any

from accounts.actors import Actor
from accounts.rules.roles import Permission
from console.queries.room import Provenance
from core.clock import utc_now
from incidents.models import Incident
from incidents.queries import current_etr
from incidents.rules.fields import FLAGS

FLAG_FACTS = ("data_breach", "regulated_system", "regulatory_flags", "jurisdictions")
# The status moves by releases alone: what the public reads and what the room says never part.
FIXED = frozenset({"status"})


def fact_rows(incident: Incident, told: Mapping[str, Provenance], actor: Actor) -> list[dict[str, Any]]:
    """In the order people ask for them. `badge` shows a state, `value` words, `at_value` a time."""
    components = [component.name for component in incident.components.all()]
    etr = current_etr(incident, utc_now())
    rows: list[dict[str, Any]] = [
        {"name": "title", "term": "Inside title", "value": incident.title},
        {"name": "severity", "term": "Severity", "badge": incident.severity},
        {"name": "impact", "term": "Impact", "badge": incident.impact},
        {"name": "status", "term": "Status", "badge": incident.status},
        {"name": "stage", "term": "Stage", "badge": incident.stage},
        {"name": "category", "term": "Category", "value": incident.category.replace("_", " ").capitalize()},
        {"name": "customer_facing", "term": "Customers notice", "value": "Yes" if incident.customer_facing else "No"},
        {"name": "components", "term": "Components", "value": ", ".join(components), "missing": "none named"},
        {"name": "outage_scope", "term": "Outage", "value": _scope(incident, components), "missing": "not known: no components named"},
        {
            "name": "etr",
            "term": "Over by",
            "expected": etr,
            "missing": "nobody has said",
        },
        {"name": "tags", "term": "Tags", "value": " ".join(incident.tags), "missing": "none"},
        {
            "name": "commander",
            "term": "Commander",
            "value": incident.commander.get_full_name() if incident.commander else "",
            "missing": "nobody yet",
        },
        {
            "name": "restricted",
            "term": "Who sees it",
            "value": "Only people granted" if incident.restricted else "Everyone who reads incidents",
        },
    ]
    return [row | _told(row["name"], told, actor) for row in rows]


def flag_rows(incident: Incident, told: Mapping[str, Provenance], actor: Actor) -> list[dict[str, Any]]:
    """What the law may ask about."""
    rows: list[dict[str, Any]] = [
        {"name": "data_breach", "term": "Data breach", "value": "Yes" if incident.data_breach else "No"},
        {"name": "regulated_system", "term": "Regulated system", "value": "Yes" if incident.regulated_system else "No"},
        {"name": "regulatory_flags", "term": "Regulatory flags", "value": " ".join(incident.regulatory_flags), "missing": "none"},
        {"name": "jurisdictions", "term": "Jurisdictions", "value": ", ".join(incident.jurisdictions), "missing": "none named"},
    ]
    return [row | _told(row["name"], told, actor) for row in rows]


def _told(name: str, told: Mapping[str, Provenance], actor: Actor) -> dict[str, Any]:
    may = actor.may(Permission.INCIDENT_WRITE) or (name in FLAGS and actor.may(Permission.INCIDENT_UNFLAG))
    editable = may and name not in FIXED and (name != "restricted" or actor.may(Permission.INCIDENT_RESTRICT))
    return {"told": told[name], "editable": editable}


def _scope(incident: Incident, components: list[str]) -> str:
    """Empty where nobody knows: no component is named, and nobody has said."""
    if not components and not incident.outage_scope_set_by_id:
        return ""
    words = {"none": "Nothing is out", "partial": "Something is out", "full": "Everything affected is out"}[incident.outage_scope]
    return f"{words}: {incident.outage_scope_reason}" if incident.outage_scope_set_by_id else f"{words}, as the components show"
