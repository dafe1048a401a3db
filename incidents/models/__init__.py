"""Incidents and their facts, timeline, decisions, updates, revisions, contributors, promises, dry runs."""

from incidents.models.decision import PolicyDecision
from incidents.models.dry_run import PolicyDryRun, PolicyDryRunDifference
from incidents.models.fact import EtrAssessment, Milestone
from incidents.models.incident import (
    Incident,
    IncidentComponent,
    IncidentGroupObjectPermission,
    IncidentUserObjectPermission,
)
from incidents.models.promise import PromiseStep, Snooze, UpdatePromise
from incidents.models.timeline import TimelineEntry
from incidents.models.update import Update, UpdateContributor, UpdateRevision

__all__ = [
    "EtrAssessment",
    "Incident",
    "IncidentComponent",
    "IncidentGroupObjectPermission",
    "IncidentUserObjectPermission",
    "Milestone",
    "PolicyDecision",
    "PolicyDryRun",
    "PolicyDryRunDifference",
    "PromiseStep",
    "Snooze",
    "TimelineEntry",
    "Update",
    "UpdateContributor",
    "UpdatePromise",
    "UpdateRevision",
]
