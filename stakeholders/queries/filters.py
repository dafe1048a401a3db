"""A filter as SQL over the register. No list of people is ever read into the program."""

from django.db.models import Exists, OuterRef, Q

from stakeholders.models import Stakeholder
from stakeholders.rules.filters import AllOf, Filter, Not, Test

_DEPENDS = Stakeholder.depends_on.through


def matching(condition: Filter) -> Q:
    """The filter as a condition on a query over `Stakeholder`."""
    if isinstance(condition, Test):
        return _test(condition)
    if isinstance(condition, Not):
        return ~matching(condition.part)
    parts = [matching(part) for part in condition.parts]
    joined = parts[0]
    for part in parts[1:]:
        joined = joined & part if isinstance(condition, AllOf) else joined | part
    return joined


def _test(test: Test) -> Q:
    if test.fact == "component":
        return _component(test)
    if isinstance(test.value, bool):
        none = Q(tags=[]) if test.fact == "tag" else Q(**{test.fact: ""})
        return none if test.value else ~none
    words = list(test.value)
    if test.fact == "tag":
        return Q(tags__overlap=words) if test.op == "includes_any" else Q(tags__contains=words)
    found = Q(**{f"{test.fact}__in": words})
    if test.fact == "language":
        for word in words:
            found |= Q(language__startswith=f"{word}-")
    return found if test.op == "in" else ~found


def _component(test: Test) -> Q:
    of_entry = _DEPENDS.objects.filter(stakeholder=OuterRef("pk"))
    if isinstance(test.value, bool):
        return ~Q(Exists(of_entry)) if test.value else Q(Exists(of_entry))
    if test.op == "includes_any":
        return Q(Exists(of_entry.filter(component__key__in=list(test.value))))
    every = Q()
    for word in test.value:
        every &= Q(Exists(of_entry.filter(component__key=word)))
    return every
