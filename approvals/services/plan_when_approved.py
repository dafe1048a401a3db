"""What the reviewers approved to go by itself is planned the moment it is approved."""

from datetime import datetime

from accounts.actors import system
from approvals.models import ReleaseSchedule
from approvals.queries.rounds import live_round
from approvals.rules.readiness import scheduled_for
from approvals.services.schedule import plan_release
from incidents.models import Update
from incidents.rules.content import ScheduleMode


def plan_when_approved(*, now: datetime, update: Update) -> ReleaseSchedule | None:
    """Plans the release for now or for the time the approved content names; `None` when it goes by hand.

    The plan is in the name of the person who asked for review. The caller holds the update's lock.
    """
    review_round = live_round(update)
    if review_round is None:
        return None
    content = review_round.revision.parsed()
    mode = ScheduleMode(content.schedule_mode)
    due_at = now if mode is ScheduleMode.AS_SOON_AS_APPROVED else scheduled_for(content)
    if mode is ScheduleMode.BY_HAND or due_at is None:
        return None
    return plan_release(
        actor=system("schedule"),
        now=now,
        update=update,
        revision=review_round.revision,
        mode=mode,
        due_at=due_at,
        requested_by=review_round.requested_by,
    )
