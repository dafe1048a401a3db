"""Who sees a restricted incident."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import QuerySet
from guardian.shortcuts import assign_perm

from accounts.actors import Actor
from accounts.models import User
from accounts.queries.holders import with_role
from accounts.rules.roles import Permission, Role
from audit.services import UnitOfWork, unit_of_work
from core.errors import NotFound
from incidents.models import Incident
from incidents.models.incident import IncidentGroupObjectPermission, IncidentUserObjectPermission

VIEW = "incidents.view_incident"


def grant_access(*, actor: Actor, now: datetime, incident: Incident, to: User | Group) -> None:
    """Lets a person or a team's group see the incident; granting again changes nothing.

    Raises `NotFound` to someone who may not see it themselves.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        if not Incident.objects.visible_to(actor).filter(pk=incident.pk).exists():
            raise NotFound
        actor.require(Permission.INCIDENT_RESTRICT)
        known: QuerySet[Any] = (
            IncidentUserObjectPermission.objects.filter(content_object=incident, user=to)
            if isinstance(to, User)
            else IncidentGroupObjectPermission.objects.filter(content_object=incident, group=to)
        )
        if known.exists():
            return
        assign_perm(VIEW, to, incident)
        granted = f"user:{to.pk}" if isinstance(to, User) else f"group:{to.name}"
        work.record("incident.access_granted", subject=f"incident:{incident.public_id}", body={"to": granted})


def grant_to_those_responsible(work: UnitOfWork, incident: Incident, actor: Actor) -> None:
    """Commander, opener, whoever restricts, and every auditor keep seeing it. Records whoever did not see it by name before."""
    people = {user.pk: user for user in with_role(Role.AUDITOR)}
    for user in (incident.commander, incident.opener, actor.user):
        if user is not None:
            people[user.pk] = user
    known = set(IncidentUserObjectPermission.objects.filter(content_object=incident).values_list("user_id", flat=True))
    for user in sorted((user for pk, user in people.items() if pk not in known), key=lambda user: str(user.pk)):
        assign_perm(VIEW, user, incident)
        work.record("incident.access_granted", subject=f"incident:{incident.public_id}", body={"to": f"user:{user.pk}"})
