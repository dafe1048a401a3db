"""Audiences: which there are, what they are told about, and who may read of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.actors import Actor
from accounts.models import TeamMembership, User
from accounts.rules.roles import Permission
from core.errors import NotFound
from stakeholders.models import Audience
from stakeholders.rules.scope import Scope, all_outside


def audience_keys() -> list[str]:
    """The keys of all audiences, in the order people arranged them."""
    return list(Audience.objects.values_list("key", flat=True))


def internal_audience_keys() -> frozenset[str]:
    """The audiences of colleagues: only their wording may name internal things."""
    return frozenset(Audience.objects.filter(is_internal=True).values_list("key", flat=True))


def public_audience_key() -> str | None:
    """The audience whose wording the public page shows, if there is one."""
    return Audience.objects.filter(is_public=True).values_list("key", flat=True).first()


@dataclass(frozen=True)
class AudienceFacts:
    """All audiences by their keys: the names, which are internal, and the one that the public page shows, if there is one."""

    names: Mapping[str, str]
    internal: frozenset[str]
    public: str | None


def audience_facts() -> AudienceFacts:
    """What decides whom words reach, in one query."""
    rows = list(Audience.objects.values_list("key", "name", "is_internal", "is_public"))
    return AudienceFacts(
        names={key: name for key, name, _, _ in rows},
        internal=frozenset(key for key, _, internal, _ in rows if internal),
        public=next((key for key, _, _, public in rows if public), None),
    )


def audience_names() -> dict[str, str]:
    """The name of each audience by its key."""
    return dict(Audience.objects.values_list("key", "name"))


def visible_audiences(actor: Actor) -> "QuerySet[Audience]":
    """The audiences with their owners; raises `Forbidden` without the permission to read the register."""
    actor.require(Permission.STAKEHOLDER_READ)
    return Audience.objects.select_related("owner", "deputy").prefetch_related("scope_components")


def visible_audience(actor: Actor, public_id: str) -> Audience:
    """One audience; raises `NotFound` or `Forbidden`."""
    found = visible_audiences(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def scope_of(audience: Audience) -> Scope:
    """What the audience is told about. Uses prefetched components where there are any."""
    return Scope(audience.scope_customer_facing_only, frozenset(component.key for component in audience.scope_components.all()))


def outside_scope(audience_keys: Iterable[str], *, customer_facing: bool, components: Iterable[str]) -> dict[str, str]:
    """Of these audiences, those that must not be told of an incident with these facts, each with the reason in words.

    `components` are the keys that the incident affects. Audiences that do not exist are passed over.
    """
    named = Audience.objects.filter(key__in=list(audience_keys)).prefetch_related("scope_components")
    bound = {audience.key: scope_of(audience) for audience in named}
    return all_outside(bound, customer_facing=customer_facing, components=frozenset(components))


def scopes() -> dict[str, Scope]:
    """What each audience is told about, by its key; for many incidents at once."""
    return {audience.key: scope_of(audience) for audience in Audience.objects.prefetch_related("scope_components")}


def audiences_bound_to(components: Iterable[str]) -> tuple[str, ...]:
    """The keys of the audiences that are bound to one of these components, by name."""
    bound = Audience.objects.filter(scope_components__key__in=list(components)).order_by("key")
    return tuple(bound.values_list("key", flat=True).distinct())


def may_drill(actor: Actor, audience: Audience) -> bool:
    """Whether the actor may send this audience a drill: colleagues whoever runs drills, people outside whose team has the audience."""
    if not actor.may(Permission.DRILL_RUN):
        return False
    if audience.is_internal or actor.may(Permission.DRILL_OUTSIDE):
        return True
    return actor.user is not None and audience.key in owned_audiences(actor.user)


def owned_audiences(user: User) -> frozenset[str]:
    """The keys of the audiences that a team of the person's owns or deputises for."""
    teams = TeamMembership.objects.filter(user=user).values("team")
    return frozenset(Audience.objects.filter(Q(owner__in=teams) | Q(deputy__in=teams)).values_list("key", flat=True))
