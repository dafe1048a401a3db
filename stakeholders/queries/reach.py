"""Who can be reached, and how many they are."""

from collections.abc import Iterable

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from stakeholders.models import Audience, AudienceMember, ContactPoint, OptOut, Stakeholder
from stakeholders.queries.circles import REACHABLE, Circle

NOBODY = Q(pk__in=[])


def members_of(audience_keys: Iterable[str]) -> "QuerySet[Stakeholder]":
    """Everybody in any of the audiences now, by its list or its filter, each once; whether they can be reached is another matter."""
    found = NOBODY
    for audience in Audience.objects.filter(key__in=list(audience_keys)):
        found |= Circle.of(audience).belonging()
    return Stakeholder.objects.filter(found).order_by()


def reachable_contact_points(audience_keys: Iterable[str], kind: str = "email") -> "QuerySet[ContactPoint]":
    """Addresses of that kind in any of the audiences, each once, unordered.

    An address counts through an audience unless it is suppressed, waits for its confirmation, or is opted out of that audience; opting
    out of one leaves the others. The outer query has no join, so that it can be the source of an `INSERT … SELECT`.
    """
    audiences = list(Audience.objects.filter(key__in=list(audience_keys)))
    lists = [audience for audience in audiences if audience.filter is None]
    filtered = [Circle.of(audience).points().filter(kind=kind) for audience in audiences if audience.filter is not None]
    points = ContactPoint.objects.filter(kind=kind, **REACHABLE).order_by()
    if len(filtered) == 1 and not lists:
        return filtered[0]
    # Several lists are one condition, which the database joins set-wise as it does a single one.
    opted_out = OptOut.objects.filter(contact_point=OuterRef(OuterRef("pk")), audience=OuterRef("audience"))
    through = AudienceMember.objects.filter(~Exists(opted_out), stakeholder=OuterRef("stakeholder"), audience__in=lists)
    if not filtered:
        return points.filter(Exists(through))
    # Alternatives that are tested row by row would take minutes of a million; put together they are joined.
    every = [points.filter(Exists(through)), *filtered] if lists else filtered
    first, *rest = (one.values("pk") for one in every)
    return points.filter(pk__in=first.union(*rest, all=True))


def reach_counts(audience_keys: Iterable[str], kind: str = "email") -> dict[str, int]:
    """How many addresses of that kind each audience reaches; zero for one that reaches nobody or does not exist."""
    keys = list(audience_keys)
    opted_out = OptOut.objects.filter(contact_point=OuterRef("stakeholder__contact_points"), audience=OuterRef("audience"))
    counted = (
        AudienceMember.objects.filter(
            ~Exists(opted_out),
            audience__key__in=keys,
            audience__filter__isnull=True,
            stakeholder__contact_points__kind=kind,
            **{f"stakeholder__contact_points__{lookup}": value for lookup, value in REACHABLE.items()},
        )
        .values(key=F("audience__key"))
        .annotate(reached=Count("stakeholder__contact_points"))
        .values_list("key", "reached")
    )
    filtered = Audience.objects.filter(key__in=keys, filter__isnull=False)
    by_filter = {audience.key: Circle.of(audience).points().filter(kind=kind).count() for audience in filtered}
    return dict.fromkeys(keys, 0) | dict(counted) | by_filter


def address_of_user(user: User) -> ContactPoint | None:
    """Where a signed-in person is told by e-mail: the first reachable address of their stakeholder, in their order."""
    return ContactPoint.objects.filter(stakeholder__user=user, kind="email", **REACHABLE).order_by("position", "pk").first()
