"""Starts the clock of every slot that nobody has filled yet, and asks the people on duty."""

from datetime import datetime

from accounts.rules.duties import Duty
from approvals.models import AbleAtOpening, ReviewRound
from approvals.queries.people import candidates
from approvals.queries.rounds import open_slots
from approvals.queries.subject import subject_of
from approvals.rules.eligibility import first_asked, nobody_can
from approvals.services.call_in import call, plan_clock


def open_clocks(review_round: ReviewRound, *, now: datetime) -> None:
    """For each open slot: its steps, who can fill it, and a call to those of them in the first tier that has somebody."""
    subject = subject_of(review_round)
    for slot in open_slots(review_round):
        found = candidates(
            duty=Duty(slot.kind),
            incident=subject.incident,
            at=now,
            contributors=subject.contributors,
            training_required=review_round.training_required,
        )
        asked = {candidate.user for candidate in first_asked([candidate for _, candidate in found])}
        nobody = nobody_can([candidate for _, candidate in found])
        plan_clock(slot, opened_at=review_round.opened_at, last=subject.last_step, nobody=nobody)
        AbleAtOpening.objects.bulk_create(AbleAtOpening(slot=slot, user=user) for user, candidate in found if candidate.can_act)
        call(slot, [pair for pair in found if pair[1].user in asked], now=now)
