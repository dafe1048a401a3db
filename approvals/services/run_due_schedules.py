"""Lets out what was planned for now, after deciding everything again."""

from datetime import datetime, timedelta
from functools import partial

from accounts.actors import Actor, person, system
from approvals.models import ReleaseSchedule
from approvals.queries.gate import releaser
from approvals.queries.planned import about_plan
from approvals.rules.reasons import Reason
from approvals.rules.release import is_too_late, may_let_out
from approvals.rules.words import ScheduleState
from approvals.services.release_update import blockers, finish_schedule, let_out, lock_incident
from approvals.services.schedule import hold_schedule
from audit.services import unit_of_work
from core.errors import DomainError
from core.one_by_one import one_by_one
from incidents.models import Incident
from incidents.queries import current_decision, decision_value
from incidents.rules.content import ScheduleMode
from incidents.services import catch_up


def run_due_schedules(*, now: datetime) -> int:
    """Works off every due plan, each in a transaction of its own; returns how many updates were released.

    Safe to run anywhere at any time: a row that another worker, an edit or a verdict holds is skipped until the next
    tick. What no longer holds, or is later than the bound, is held for a person and its owner is told why.
    """
    due = ReleaseSchedule.objects.filter(state=ScheduleState.PENDING, due_at__lte=now).order_by("due_at", "id")
    return one_by_one(list(due.values_list("pk", flat=True)), partial(_run, now=now), what="Scheduled release")


def _run(pk: int, *, now: datetime) -> bool:
    clockwork = system("schedule")
    with unit_of_work(actor=clockwork.ref, now=now):
        # Both rows at once and without waiting: whoever releases by hand locks them in the other order.
        schedule = (
            ReleaseSchedule.objects.select_for_update(skip_locked=True, no_key=True, of=("self", "update_of"))
            .select_related("update_of")
            .filter(pk=pk, state=ScheduleState.PENDING)
            .first()
        )
        if schedule is None:
            return False
        reasons = _reasons(schedule, now)
        if not reasons:
            return _release(clockwork, schedule, now)
        words, codes = " ".join(reason.words for reason in reasons), [reason.code for reason in reasons]
        hold_schedule(actor=clockwork.ref, now=now, schedule=schedule, reason=words, codes=codes)
        return False


def _release(clockwork: Actor, schedule: ReleaseSchedule, now: datetime) -> bool:
    try:
        with unit_of_work(actor=clockwork.ref, now=now):
            finish_schedule(schedule.update_of, now=now)
            let_out(
                actor=clockwork,
                now=now,
                update=schedule.update_of,
                revision=schedule.revision,
                mode=ScheduleMode(schedule.mode),
                released_by=schedule.requested_by,
            )
    except DomainError as refusal:
        schedule.refresh_from_db()
        hold_schedule(actor=clockwork.ref, now=now, schedule=schedule, reason=refusal.message, codes=[refusal.code])
        return False
    return True


def _reasons(schedule: ReleaseSchedule, now: datetime) -> list[Reason]:
    incident = lock_incident(schedule.update_of)
    catch_up(incident, now=now)
    found = [*_about_time(schedule, incident, now), *about_plan(schedule), *_about_requester(schedule, incident)]
    return found + blockers(schedule.update_of, incident, schedule.revision, now)


def _about_time(schedule: ReleaseSchedule, incident: Incident, now: datetime) -> list[Reason]:
    bound = timedelta(minutes=decision_value(current_decision(incident)).late_bound_minutes)
    if not is_too_late(due_at=schedule.due_at, now=now, bound=bound):
        return []
    minutes = int(bound.total_seconds() // 60)
    words = (
        f"It was due at {schedule.due_at:%d %b %Y %H:%M} UTC and could not go within {minutes} minutes of that."
        " Release it by hand if it still holds."
    )
    return [Reason("too_late", words)]


def _about_requester(schedule: ReleaseSchedule, incident: Incident) -> list[Reason]:
    """The plan stands in a person's name, who must still be one that may release."""
    user = schedule.requested_by
    actor = person(user)
    if not Incident.objects.visible_to(actor).filter(pk=incident.pk).exists():
        return [Reason("requester_gone", f"{user.get_full_name()}, who planned it, may no longer see the incident.")]
    if may_let_out(releaser(actor=actor, user=user, incident=incident, revision=schedule.revision)):
        return [Reason("requester_may_not", f"{user.get_full_name()}, who planned it, may no longer release. Somebody who may decides.")]
    return []
