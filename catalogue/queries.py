"""Reading the catalogue."""

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.rules.roles import Permission
from catalogue.models import Component, ComponentGroup
from core.errors import NotFound


@dataclass(frozen=True)
class GroupOfComponents:
    """A heading and what stands under it; `group` is `None` for components without one."""

    group: ComponentGroup | None
    components: tuple[Component, ...]


def components() -> QuerySet[Component]:
    """Every component with its group."""
    return Component.objects.select_related("group")


def visible_components(actor: Actor) -> QuerySet[Component]:
    """The components that the actor may know of; raises `Forbidden` without the permission to read the catalogue."""
    actor.require(Permission.CATALOGUE_READ)
    return components()


def visible_component(actor: Actor, public_id: str) -> Component:
    """One component by its public id; raises `NotFound` or `Forbidden`."""
    found = visible_components(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def components_with_groups(*, only_public: bool = False) -> list[GroupOfComponents]:
    """Groups in their order, each with its components in theirs; components without a group come last. Empty groups are left out."""
    shown = components().order_by("position", "name")
    if only_public:
        shown = shown.filter(is_public=True)
    by_group: dict[int | None, list[Component]] = {}
    for component in shown:
        by_group.setdefault(component.group_id, []).append(component)
    headings: list[ComponentGroup | None] = [*ComponentGroup.objects.filter(pk__in=[key for key in by_group if key is not None]), None]
    return [
        GroupOfComponents(heading, tuple(by_group[heading.pk if heading else None]))
        for heading in headings
        if (heading.pk if heading else None) in by_group
    ]
