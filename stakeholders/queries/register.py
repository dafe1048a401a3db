"""Reading the register: entries with their addresses, a list that pages by key, and search as one types."""

from django.db.models import Prefetch, QuerySet

from accounts.actors import Actor
from accounts.rules.roles import Permission
from core.errors import NotFound
from stakeholders.models import ContactPoint, Stakeholder


def visible_stakeholders(actor: Actor) -> "QuerySet[Stakeholder]":
    """The register with addresses (those removed left out), audiences and what belongs to them; raises `Forbidden` without the
    permission to read it.
    """
    actor.require(Permission.STAKEHOLDER_READ)
    return Stakeholder.objects.select_related("user", "organisation", "success_manager").prefetch_related(
        Prefetch("contact_points", ContactPoint.objects.filter(removed_at__isnull=True)), "audience_memberships__audience", "depends_on"
    )


def visible_stakeholder(actor: Actor, public_id: str) -> Stakeholder:
    """One entry of the register; raises `NotFound` or `Forbidden`."""
    found = visible_stakeholders(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found
