"""The row that lets an approved update go without a further click, and how it ends."""

from collections.abc import Sequence
from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from approvals.events import ReleaseHeld
from approvals.models import ReleaseSchedule
from approvals.queries.rounds import pending_schedule
from approvals.rules.words import ScheduleState
from audit.services import unit_of_work
from core.events import publish
from incidents.models import Update, UpdateRevision
from incidents.rules.content import ScheduleMode

LONGEST_REASON = 300


def plan_release(
    *, actor: Actor, now: datetime, update: Update, revision: UpdateRevision, mode: ScheduleMode, due_at: datetime, requested_by: User
) -> ReleaseSchedule:
    """Plans the release for `due_at`, replacing a plan that was there. The caller holds the update's lock."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        cancel_schedule(actor=actor, now=now, update=update, reason="Another time was chosen.")
        schedule = ReleaseSchedule.objects.create(
            update_of=update, revision=revision, mode=mode, due_at=due_at, requested_by=requested_by, created_at=now
        )
        work.record(
            "release.scheduled",
            subject=f"update:{update.public_id}",
            body={"revision": revision.number, "content_hash": revision.content_hash, "mode": mode.value, "due_at": due_at.isoformat()},
        )
        return schedule


def cancel_schedule(*, actor: Actor, now: datetime, update: Update, reason: str) -> None:
    """Takes back what is planned, because a person did something else instead. Nothing happens when nothing is planned."""
    if schedule := pending_schedule(update):
        with unit_of_work(actor=actor.ref, now=now) as work:
            close_schedule(schedule, ScheduleState.CANCELLED, now=now, reason=reason)
            work.record("release.unscheduled", subject=f"update:{update.public_id}", body={"reason": reason})


def hold_schedule(*, actor: str, now: datetime, schedule: ReleaseSchedule, reason: str, codes: Sequence[str]) -> None:
    """Keeps the update back for a person to decide, and has its owner told why.

    `reason` may name people and goes into the notice; the log, which nothing can be taken out of, gets the `codes` alone.
    """
    with unit_of_work(actor=actor, now=now) as work:
        close_schedule(schedule, ScheduleState.HELD, now=now, reason=reason)
        update = schedule.update_of
        work.record(
            "release.held",
            subject=f"update:{update.public_id}",
            body={"revision": schedule.revision.number, "due_at": schedule.due_at.isoformat(), "reasons": list(codes)},
        )
        publish(ReleaseHeld(update_id=update.pk, reason=reason, at=now))


def close_schedule(schedule: ReleaseSchedule, state: ScheduleState, *, now: datetime, reason: str = "") -> None:
    """Ends the plan."""
    schedule.state, schedule.closed_at = state, now
    schedule.reason = reason if len(reason) <= LONGEST_REASON else f"{reason[: LONGEST_REASON - 1]}…"
    schedule.save(update_fields=["state", "closed_at", "reason"])
