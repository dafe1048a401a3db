"""Finding the wording for an update, and reading templates."""

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.rules.roles import Permission
from core.errors import NotFound
from templates.models import TemplateVersion, UpdateTemplate


def template_for(category: str, status: str, audience_key: str) -> TemplateVersion | None:
    """The newest version of the template for this place; one for the very category beats the one for any."""
    return (
        TemplateVersion.objects.filter(
            template__status=status,
            template__audience_key=audience_key,
            template__category__in=["", category],
            template__retired_at__isnull=True,
        )
        .select_related("template")
        .order_by("-template__category", "-number")
        .first()
    )


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
