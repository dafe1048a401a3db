"""Through which of several channels each person is reached: the first for which they have an address."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from stakeholders.models import ContactPoint, OptOut, Stakeholder
from stakeholders.queries.circles import REACHABLE, Circle


def first_reachable(circle: Circle, kinds: Sequence[str], kind: str) -> "QuerySet[ContactPoint]":
    """Addresses of `kind` of everybody in the circle who can be reached by none of the `kinds` named before it; unordered, each once.

    As `reachable_contact_points`, it has no join on the outside and can be the source of an `INSERT … SELECT`. Of the first kind it is
    the same set. A person with several addresses of that kind is told at each.
    """
    points = circle.points().filter(kind=kind)
    earlier = list(kinds[: kinds.index(kind)])
    return points.filter(~Exists(_working(circle).filter(kind__in=earlier))) if earlier else points


def reached_besides(circle: Circle, kinds: Sequence[str], kind: str) -> "QuerySet[Stakeholder]":
    """People told by `kind` who have an address of one of the `kinds` named after it as well; unordered, each once."""
    later = list(kinds[kinds.index(kind) + 1 :])
    first = first_reachable(circle, kinds, kind).filter(stakeholder=OuterRef("pk"))
    points = ContactPoint.objects.filter(stakeholder=OuterRef("pk"), kind__in=later, **REACHABLE)
    if circle.audience is not None:
        points = points.filter(~Exists(OptOut.objects.filter(contact_point=OuterRef("pk"), audience=circle.audience)))
    return Stakeholder.objects.filter(Exists(first), Exists(points)).order_by()


def routed(circle: Circle, kinds: Sequence[str]) -> "QuerySet[ContactPoint]":
    """The same for all the kinds together: `kind` of a row is the channel that it is told by."""
    found = Q(pk__in=[])
    for number, kind in enumerate(kinds):
        first = Q(kind=kind)
        found |= first & ~Q(Exists(_working(circle).filter(kind__in=list(kinds[:number])))) if number else first
    return circle.points().filter(found)


def _working(circle: Circle) -> "QuerySet[ContactPoint]":
    """Addresses of the same stakeholder that are written to in this circle."""
    working = ContactPoint.objects.filter(stakeholder=OuterRef("stakeholder"), **REACHABLE)
    if circle.audience is None:
        return working
    return working.filter(~Exists(OptOut.objects.filter(contact_point=OuterRef("pk"), audience=circle.audience)))
