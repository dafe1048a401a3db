"""Who may fill a slot of one incident, in which order they are called, and why others cannot."""

from datetime import datetime

from accounts.models import User
from accounts.queries.availability import facts_at, standings_in
from accounts.queries.roster_facts import RosterFacts
from accounts.rules.duties import Duty
from approvals.rules.eligibility import Candidate
from incidents.models import Incident
from incidents.queries.seeing import who_sees

CANNOT_SEE = "may not see this incident"


def person_of(user: User) -> str:
    """The person behind an account: the same for all accounts that one human has."""
    return str(user.person)


def candidates(
    *,
    duty: Duty,
    incident: Incident | None,
    at: datetime,
    contributors: frozenset[str] = frozenset(),
    training_required: bool = True,
    facts: RosterFacts | None = None,
) -> list[tuple[User, Candidate]]:
    """Every holder of the duty with their tier and, where they cannot act, the reasons in words; those to call first, first.

    `contributors` are persons; `incident` is `None` for what belongs to none. Without `training_required` somebody whose training has
    run out can act all the same. `facts` are of `facts_at` for the same moment, where one reading serves many slots.
    """
    read = facts or facts_at([duty], at)
    standings = standings_in(read, duty=duty, at=at, excluding=contributors, training_required=training_required)
    hidden = incident is not None and incident.restricted
    seeing = who_sees([standing.user for standing in standings], incident) if incident is not None and hidden else frozenset()
    found = []
    for standing in standings:
        reasons = standing.reasons if not hidden or standing.user.pk in seeing else (*standing.reasons, CANNOT_SEE)
        candidate = Candidate(
            user=str(standing.user.pk), person=person_of(standing.user), tier=standing.tier, can_act=not reasons, reasons=reasons
        )
        found.append((standing.user, candidate))
    return found


def unable(user: User, *, kind: str, at: datetime, training_required: bool = True, facts: RosterFacts | None = None) -> tuple[str, ...]:
    """What keeps the person from giving this kind of review now, in words: absence, training; empty when nothing does."""
    duty = Duty(kind)
    found = standings_in(facts or facts_at([duty], at), duty=duty, at=at, training_required=training_required)
    return next((standing.reasons for standing in found if standing.user.pk == user.pk), ())
