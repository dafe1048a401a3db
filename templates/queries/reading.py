"""Reading templates on somebody's behalf."""

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.rules.roles import Permission
from core.errors import NotFound
from templates.models import UpdateTemplate


def visible_templates(actor: Actor) -> "QuerySet[UpdateTemplate]":
    """Every template with its versions, newest version first; raises `Forbidden` without the permission to read them."""
    actor.require(Permission.TEMPLATE_READ)
    return UpdateTemplate.objects.prefetch_related("versions__author")


def visible_template(actor: Actor, public_id: str) -> UpdateTemplate:
    """One template; raises `NotFound` or `Forbidden`."""
    found = visible_templates(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found
