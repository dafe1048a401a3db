"""Trials of policies, and what they found."""

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.rules.roles import Permission
from core.errors import NotFound
from incidents.models import Incident, PolicyDryRun, PolicyDryRunDifference


def visible_runs(actor: Actor, number: int | None = None) -> "QuerySet[PolicyDryRun]":
    """Trials, the newest first, of one version if it is named; raises `Forbidden` without the permission to read policies."""
    actor.require(Permission.POLICY_READ)
    runs = PolicyDryRun.objects.select_related("started_by")
    return runs if number is None else runs.filter(version=number)


def visible_run(actor: Actor, pk: int) -> PolicyDryRun:
    """One trial; raises `NotFound` or `Forbidden`."""
    found = visible_runs(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def visible_differences(actor: Actor, run: PolicyDryRun) -> "QuerySet[PolicyDryRunDifference]":
    """What it found, about incidents that the asker may see: one may have been restricted since."""
    visible = Incident.objects.visible_to(actor)
    return PolicyDryRunDifference.objects.filter(run=run, incident__in=visible).select_related("incident")
