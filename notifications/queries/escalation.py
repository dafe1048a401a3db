"""Runs of escalation trees for whoever may see them: here, because a run may be about an incident."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Substr

from accounts.actors import Actor
from accounts.rules.roles import Permission
from core.errors import NotFound
from incidents.models import Incident
from stakeholders.models import EscalationRun
from stakeholders.queries.escalation import called_or_started

ABOUT_INCIDENT = len("incident:") + 1


def visible_runs(actor: Actor) -> "QuerySet[EscalationRun]":
    """Runs about incidents the person may see; those about nothing in particular are for who reads the register, and for who is in them."""
    seen = Incident.objects.visible_to(actor).filter(public_id=Substr(OuterRef("subject"), ABOUT_INCIDENT))
    about_seen = Q(subject__startswith="incident:") & Q(Exists(seen))
    general = Q(subject="") & (Q() if actor.may(Permission.STAKEHOLDER_READ) else called_or_started(actor))
    return EscalationRun.objects.filter(general | about_seen).select_related("tree", "drill", "started_by")


def visible_run(actor: Actor, public_id: str) -> EscalationRun:
    """One of them; raises `NotFound`."""
    found = visible_runs(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found
