"""An edit takes the ground from under every verdict given so far."""

from datetime import datetime

from approvals.models import ReviewRound
from approvals.queries.rounds import given_verdicts, live_round, pending_schedule
from approvals.rules.words import RoundState, Verdict
from approvals.services.schedule import hold_schedule
from audit.services import unit_of_work
from incidents.models import Update
from incidents.services.timeline import note

WORDS_CHANGED = "The words were changed"


def void_round(*, actor: str, now: datetime, update: Update, because: str = WORDS_CHANGED, code: str = "words_changed") -> None:
    """Voids the live round and holds what was planned, because the words changed or for what is said. The caller holds the update's lock.

    `actor` is the audit reference of whoever edited. Nothing happens when there is neither round nor plan.
    """
    review_round, schedule = live_round(update), pending_schedule(update)
    with unit_of_work(actor=actor, now=now) as work:
        if review_round is not None:
            close_round(review_round, RoundState.VOIDED, now=now)
            work.record(
                "review.voided",
                subject=f"update:{update.public_id}",
                policy_version=review_round.policy_version,
                body={"revision": review_round.revision.number, "verdicts": review_round.reviews.count()},
            )
            text = f"{because}: {_ended(review_round)}"
            note(update.incident, actor=actor, now=now, kind="review", text=text, detail={"update": update.public_id})
        if schedule is not None:
            words = f"{because}, so the release planned for {schedule.due_at:%d %b %Y %H:%M} UTC no longer stands."
            hold_schedule(actor=actor, now=now, schedule=schedule, reason=f"{words} It needs review again.", codes=[code])


def _ended(review_round: ReviewRound) -> str:
    count = sum(given.verdict == Verdict.APPROVE for given in given_verdicts(review_round).values())
    if not count:
        return "the review asked for has ended"
    return f"{count} approval{'s' if count != 1 else ''} no longer count{'' if count != 1 else 's'}"


def close_round(review_round: ReviewRound, state: RoundState, *, now: datetime) -> None:
    """The round no longer counts."""
    review_round.state, review_round.closed_at = state, now
    review_round.save(update_fields=["state", "closed_at"])
