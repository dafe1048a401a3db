"""Who may fill a slot of one incident, in which order they are called, and why others cannot."""

from datetime import datetime

from accounts.actors import person
from accounts.models import User
from accounts.rules.duties import PERMISSION_OF, Duty
from accounts.rules.roles import PERMISSIONS
from approvals.rules.eligibility import Candidate
from incidents.models import Incident

WROTE = "wrote this update or put it forward"
CANNOT_SEE = "may not see this incident"


def person_of(user: User) -> str:
    """The person behind an account: the same for all accounts that one human has."""
    return str(user.pk)


def candidates(
    *, duty: Duty, incident: Incident, at: datetime, contributors: frozenset[str] = frozenset(), training_required: bool = True
) -> list[tuple[User, Candidate]]:
    """Every holder of the duty with their tier and, where they cannot act, the reasons in words; those to call first, first.

    `contributors` are persons. Without `training_required` somebody whose training has run out can act all the same.
    """
    permission = PERMISSION_OF[duty]
    roles = [role for role, granted in PERMISSIONS.items() if permission in granted]
    users = User.objects.filter(is_active=True, role_assignments__role__in=roles).distinct().order_by("username")
    found = [(user, _candidate(user, incident, contributors)) for user in users]
    return sorted(found, key=lambda pair: (not pair[1].can_act, pair[1].tier))


def _candidate(user: User, incident: Incident, contributors: frozenset[str]) -> Candidate:
    reasons = [WROTE] if person_of(user) in contributors else []
    if not Incident.objects.visible_to(person(user)).filter(pk=incident.pk).exists():
        reasons.append(CANNOT_SEE)
    return Candidate(user=str(user.pk), person=person_of(user), tier=0, can_act=not reasons, reasons=tuple(reasons))


def unable(user: User, *, kind: str, at: datetime, training_required: bool = True) -> tuple[str, ...]:
    """What keeps the person from giving this kind of review now, in words: absence, training; empty when nothing does."""
    return ()
