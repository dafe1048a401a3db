"""Incidents, timeline, decisions, updates, revisions, contributors, promises."""

from incidents.models.decision import PolicyDecision
from incidents.models.incident import (
    Incident,
    IncidentComponent,
    IncidentGroupObjectPermission,
    IncidentUserObjectPermission,
)
from incidents.models.promise import UpdatePromise
from incidents.models.timeline import TimelineEntry
from incidents.models.update import Update, UpdateContributor, UpdateRevision

__all__ = [
    "Incident",
    "IncidentComponent",
    "IncidentGroupObjectPermission",
    "IncidentUserObjectPermission",
    "PolicyDecision",
    "TimelineEntry",
    "Update",
    "UpdateContributor",
    "UpdatePromise",
    "UpdateRevision",
]
