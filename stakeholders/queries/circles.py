"""Who belongs: the list of an audience, a filter, or both, as conditions in SQL."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from stakeholders.models import Audience, AudienceMember, ContactPoint, OptOut, Stakeholder
from stakeholders.queries.filters import matching
from stakeholders.rules.filters import Filter
from stakeholders.rules.kinds import VerificationState
from stakeholders.rules.reading_filters import read_filter

# Lookups of a contact point that is written to. What was removed is suppressed too.
REACHABLE: dict[str, Any] = {
    "suppressed_at__isnull": True,
    "verification__in": [state.value for state in VerificationState if state is not VerificationState.PENDING],
}


@dataclass(frozen=True)
class Circle:
    """At least one of the two is given; without an audience there is no list and nobody has opted out (a filter that is being tried)."""

    audience: Audience | None
    condition: Filter | None

    @classmethod
    def of(cls, audience: Audience) -> "Circle":
        """The audience as it is stored."""
        return cls(audience, None if audience.filter is None else read_filter(audience.filter))

    def belonging(self) -> Q:
        """On a query over `Stakeholder`: who belongs. Where the filter holds, the list is not looked at."""
        if self.condition is None:
            return Q(self._listed(OuterRef("pk")))
        found = matching(self.condition)
        return found if self.audience is None else found | Q(self._listed(OuterRef("pk")))

    def members(self) -> "QuerySet[Stakeholder]":
        """Everybody who belongs, unordered; whether they can be reached is another matter."""
        return Stakeholder.objects.filter(self.belonging()).order_by()

    def reached(self) -> Q:
        """On a query over `ContactPoint`: the address belongs to somebody in it and is not opted out. Whether it works is another matter.

        Each part is one that the database joins set-wise: this is how a million is planned.
        """
        if self.condition is None:
            belongs = Q(self._listed(OuterRef("stakeholder")))
        else:
            belongs = Q(Exists(Stakeholder.objects.filter(self.belonging(), pk=OuterRef("stakeholder"))))
        if self.audience is None:
            return belongs
        return belongs & ~Q(Exists(OptOut.objects.filter(contact_point=OuterRef("pk"), audience=self.audience)))

    def points(self) -> "QuerySet[ContactPoint]":
        """Addresses of every kind that it reaches, each once, unordered."""
        return ContactPoint.objects.filter(self.reached(), **REACHABLE).order_by()

    def _listed(self, stakeholder: OuterRef) -> Exists:
        return Exists(AudienceMember.objects.filter(stakeholder=stakeholder, audience=self.audience))
