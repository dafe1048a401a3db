"""Whether nobody is left who could give a review: the ground of an override, which its holder must not be able to make.

Absences and withdrawals of training that the overriding person entered do not count, nor do those that anybody but the
reviewer entered after the review was asked for. Whoever could give it then and lost the role, sees the incident no more or
was found to be an author's second account counts as before. What is left wrong by this costs a wait for the window.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from accounts.queries.availability import facts_at, standings_in
from accounts.queries.roster_facts import RosterFacts
from accounts.rules.discount import Discount
from accounts.rules.duties import Duty
from approvals.models import AbleAtOpening, ReviewRound, ReviewSlot
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

    `slots` are of one round. The moment that counts is when the review was first asked for, in whichever round of the update:
    an edit and another request make nobody's absence their own.
    """
    if not slots:
        return {}, {}
    duties = [Duty(slot.kind) for slot in slots]
    now = facts_at(duties, asking.at)
    counted = facts_at(duties, asking.at, Discount(person=asking.by, since=first_asked(asking.update)))
    authors = set(asking.update.contributors.values_list("user", flat=True))
    opening: dict[str, dict[UUID, User]] = {slot.kind: {} for slot in slots}
    for row in AbleAtOpening.objects.filter(slot__round__update_of=asking.update, slot__kind__in=opening).select_related("user", "slot"):
        if row.user_id not in authors:
            opening[row.slot.kind][row.user_id] = row.user
    able = {slot.kind: _able(slot, now, asking) for slot in slots}
    kept = {slot.kind: _able(slot, counted, asking) | _still(slot, counted, asking, opening[slot.kind].values()) for slot in slots}
    return able, kept


def first_asked(update: Update) -> datetime:
    """When review of the update was first asked for. It must have been."""
    return ReviewRound.objects.filter(update_of=update).order_by("opened_at").values_list("opened_at", flat=True)[0]


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


def _still(slot: ReviewSlot, facts: RosterFacts, asking: Asking, opening: Iterable[User]) -> frozenset[str]:
    """Those able when it was asked for, all but who is away or untrained by what counts. Roles, sight and links are not looked at."""
    standings = standings_in(facts, duty=Duty(slot.kind), at=asking.at, training_required=slot.round.training_required)
    excused = {standing.user.pk for standing in standings if standing.reasons}
    return frozenset(person_of(user) for user in opening if user.pk not in excused) - asking.reviewed
