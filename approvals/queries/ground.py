"""Whether nobody is left who could give a review: the ground of an override, which its holder must not be able to make.

Absences and withdrawals of training that the overriding person entered do not count, nor do those that anybody but the
reviewer entered after the review was asked for. Whoever could give it then and lost the role, sees the incident no more or
was found to be an author's second account counts as before. What is left wrong by this costs a wait for the window.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.queries.availability import facts_at, standings_in
from accounts.queries.roster_facts import RosterFacts
from accounts.rules.discount import Discount
from accounts.rules.duties import Duty
from approvals.models import AbleAtOpening, ReviewSlot
from approvals.queries.people import candidates, person_of
from incidents.models import Incident, Update

Persons = dict[str, frozenset[str]]


@dataclass(frozen=True)
class Asking:
    """Who would override what: `by` is the person, `wrote` and `reviewed` are the persons who have had their part already."""

    by: str
    update: Update
    incident: Incident
    wrote: frozenset[str]
    reviewed: frozenset[str]
    at: datetime


def who_is_left(slots: Sequence[ReviewSlot], asking: Asking) -> tuple[Persons, Persons]:
    """Per kind the persons who can give the review now, and those who can by what counts against whoever would override.

    `slots` are of one round.
    """
    if not slots:
        return {}, {}
    duties = [Duty(slot.kind) for slot in slots]
    now = facts_at(duties, asking.at)
    counted = facts_at(duties, asking.at, Discount(person=asking.by, since=slots[0].round.opened_at))
    authors = set(asking.update.contributors.values_list("user", flat=True))
    opening: dict[int, list[User]] = {slot.pk: [] for slot in slots}
    for row in AbleAtOpening.objects.filter(slot__in=slots).select_related("user"):
        if row.user_id not in authors:
            opening[row.slot_id].append(row.user)
    able = {slot.kind: _able(slot, now, asking) for slot in slots}
    kept = {slot.kind: _able(slot, counted, asking) | _still(slot, counted, asking, opening[slot.pk]) for slot in slots}
    return able, kept


def _able(slot: ReviewSlot, facts: RosterFacts, asking: Asking) -> frozenset[str]:
    found = candidates(
        duty=Duty(slot.kind),
        incident=asking.incident,
        at=asking.at,
        contributors=asking.wrote,
        training_required=slot.round.training_required,
        facts=facts,
    )
    return frozenset(one.person for _, one in found if one.can_act) - asking.reviewed


def _still(slot: ReviewSlot, facts: RosterFacts, asking: Asking, opening: Sequence[User]) -> frozenset[str]:
    """Those able when it was asked for, all but who is away or untrained by what counts. Roles, sight and links are not looked at."""
    standings = standings_in(facts, duty=Duty(slot.kind), at=asking.at, training_required=slot.round.training_required)
    excused = {standing.user.pk for standing in standings if standing.reasons}
    return frozenset(person_of(user) for user in opening if user.pk not in excused) - asking.reviewed
