"""What the reviewers approved to go by itself is planned the moment it is approved."""

from datetime import datetime

from accounts.actors import system
from approvals.models import ReleaseSchedule
from approvals.queries.disputes import by_arbiters_words
from approvals.queries.rounds import live_round
from approvals.rules.readiness import scheduled_for
from approvals.services.schedule import hold_schedule, plan_release
from incidents.models import Update
from incidents.rules.content import ScheduleMode

_REWORDED = "The arbiter put other words in place of those that were asked to go by themselves, and the reviewers approved these."
REWORDED: dict[ScheduleMode, str] = {
    ScheduleMode.AS_SOON_AS_APPROVED: f"{_REWORDED} Somebody who may release reads them and releases by hand.",
    ScheduleMode.AT_TIME: f"{_REWORDED} Somebody who may release reads them and plans the release for the time approved.",
}


def plan_when_approved(*, now: datetime, update: Update) -> ReleaseSchedule | None:
    """Plans the release for now or for the time the approved content names; `None` when it goes by hand.

    The plan is in the name of the person who asked for review. Where an arbiter put other words in place of those that this
    person asked to let go, it is held at once: somebody who may release decides. The caller holds the update's lock.
    """
    review_round = live_round(update)
    if review_round is None:
        return None
    content = review_round.revision.parsed()
    mode = ScheduleMode(content.schedule_mode)
    due_at = now if mode is ScheduleMode.AS_SOON_AS_APPROVED else scheduled_for(content)
    if mode is ScheduleMode.BY_HAND or due_at is None:
        return None
    clockwork = system("schedule")
    schedule = plan_release(
        actor=clockwork,
        now=now,
        update=update,
        revision=review_round.revision,
        mode=mode,
        due_at=due_at,
        requested_by=review_round.requested_by,
    )
    if by_arbiters_words(review_round):
        hold_schedule(actor=clockwork.ref, now=now, schedule=schedule, reason=REWORDED[mode], codes=["reworded"])
    return schedule
