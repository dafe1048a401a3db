"""Plans for a time that the approved words do not name are held as soon as that is seen, and their owners told."""

from datetime import datetime
from functools import partial

from accounts.actors import system
from approvals.models import ReleaseSchedule
from approvals.queries.planned import about_plan
from approvals.rules.words import ScheduleState
from approvals.services.schedule import hold_schedule
from audit.services import unit_of_work
from core.one_by_one import one_by_one


def hold_other_times(*, now: datetime) -> int:
    """Holds plans yet to come that could not be made today; returns how many. What is due is `run_due_schedules`' to decide.

    Such plans are of earlier times, when any moment could be chosen at release: whoever made one hears of it while there is time
    to choose another. Each in a transaction of its own; a row that somebody holds is looked at again by the next tick.
    """
    waiting = ReleaseSchedule.objects.filter(state=ScheduleState.PENDING, due_at__gt=now).select_related("revision").order_by("id")
    return one_by_one([plan.pk for plan in waiting if about_plan(plan)], partial(_hold, now=now), what="Holding the plan")


def _hold(pk: int, *, now: datetime) -> bool:
    clockwork = system("schedule")
    with unit_of_work(actor=clockwork.ref, now=now):
        schedule = (
            ReleaseSchedule.objects.select_for_update(skip_locked=True, no_key=True, of=("self", "update_of"))
            .select_related("update_of")
            .filter(pk=pk, state=ScheduleState.PENDING)
            .first()
        )
        reasons = about_plan(schedule) if schedule else []
        if schedule is None or not reasons:
            return False
        words, codes = " ".join(reason.words for reason in reasons), [reason.code for reason in reasons]
        hold_schedule(actor=clockwork.ref, now=now, schedule=schedule, reason=words, codes=codes)
        return True
