"""Who can be reached, and how many they are."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet

from accounts.models import User
from stakeholders.models import AudienceMember, ContactPoint, OptOut
from stakeholders.rules.kinds import VerificationState

# Lookups of a contact point that is written to. What was removed is suppressed too.
REACHABLE: dict[str, Any] = {
    "suppressed_at__isnull": True,
    "verification__in": [state.value for state in VerificationState if state is not VerificationState.PENDING],
}


def reachable_contact_points(audience_keys: Iterable[str], kind: str = "email") -> "QuerySet[ContactPoint]":
    """Addresses of that kind in any of the audiences, each once, unordered.

    An address counts through an audience unless it is suppressed, waits for its confirmation, or is opted out of that audience; opting
    out of one leaves the others. The outer query has no join, so that it can be the source of an `INSERT … SELECT`.
    """
    opted_out = OptOut.objects.filter(contact_point=OuterRef(OuterRef("pk")), audience=OuterRef("audience"))
    reached_through = AudienceMember.objects.filter(
        ~Exists(opted_out), stakeholder=OuterRef("stakeholder"), audience__key__in=list(audience_keys)
    )
    return ContactPoint.objects.filter(Exists(reached_through), kind=kind, **REACHABLE).order_by()


def reach_counts(audience_keys: Iterable[str], kind: str = "email") -> dict[str, int]:
    """How many addresses of that kind each audience reaches; zero for one that reaches nobody or does not exist."""
    keys = list(audience_keys)
    opted_out = OptOut.objects.filter(contact_point=OuterRef("stakeholder__contact_points"), audience=OuterRef("audience"))
    counted = (
        AudienceMember.objects.filter(
            ~Exists(opted_out),
            audience__key__in=keys,
            stakeholder__contact_points__kind=kind,
            **{f"stakeholder__contact_points__{lookup}": value for lookup, value in REACHABLE.items()},
        )
        .values(key=F("audience__key"))
        .annotate(reached=Count("stakeholder__contact_points"))
        .values_list("key", "reached")
    )
    return dict.fromkeys(keys, 0) | dict(counted)


def address_of_user(user: User) -> ContactPoint | None:
    """Where a signed-in person is told by e-mail: the first reachable address of their stakeholder, in their order."""
    return ContactPoint.objects.filter(stakeholder__user=user, kind="email", **REACHABLE).order_by("position", "pk").first()
