"""The clock of escalations and drills. Each row is claimed in a transaction of its own; what others hold is passed over."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.actors import system
from audit.services import UnitOfWork, unit_of_work
from core.errors import Conflict
from core.one_by_one import one_by_one
from stakeholders.models import Drill, EscalationRun, EscalationRunStep
from stakeholders.services.drills import begin, call_off, close
from stakeholders.services.escalation_runs import end_if_given_up
from stakeholders.services.escalation_steps import tell_due_steps

CLOCKWORK = system("escalation clock")
AT_ONCE = 100


def run_escalations(*, now: datetime) -> int:
    """Begins drills, tells steps, gives up and closes whatever is due; returns how many rows were worked off.

    Safe to run anywhere at any time, once or by many at once: a step is told once.
    """
    waiting = Drill.objects.filter(cancelled_at__isnull=True, closed_at__isnull=True)
    beginning = waiting.filter(started_at__isnull=True, planned_for__lte=now).order_by("planned_for", "pk")
    due = EscalationRunStep.objects.filter(run=OuterRef("pk"), fired_at__isnull=True, skipped=False, due_at__lte=now)
    runs = EscalationRun.objects.filter(Exists(due) | Q(gives_up_at__lte=now), ended_at__isnull=True).order_by("pk")
    closing = waiting.filter(started_at__isnull=False, closes_at__lte=now).order_by("closes_at", "pk")
    done = _each(now, beginning, _begin_drill, "Beginning the drill")
    done += _each(now, runs, _work_off_run, "The clock of run")
    done += _each(now, closing, _close_drill, "Closing the drill")
    return done


def _each(now: datetime, rows: QuerySet[Any], act: Callable[[UnitOfWork, int], bool], what: str) -> int:
    def worked_off(pk: int) -> bool:
        with unit_of_work(actor=CLOCKWORK.ref, now=now) as work:
            return act(work, pk)

    return one_by_one(list(rows.values_list("pk", flat=True)[:AT_ONCE]), worked_off, what=what)


def _drill(pk: int) -> Drill | None:
    held = Drill.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    return held.filter(pk=pk, cancelled_at__isnull=True, closed_at__isnull=True).first()


def _begin_drill(work: UnitOfWork, pk: int) -> bool:
    drill = _drill(pk)
    if drill is None or drill.started_at is not None or drill.planned_for > work.now:
        return False
    try:
        with unit_of_work(actor=CLOCKWORK.ref, now=work.now) as inner:
            begin(inner, CLOCKWORK, drill)
    except Conflict as refusal:
        # Its tree was retired or emptied meanwhile: said once, not tried for ever.
        drill.refresh_from_db()
        call_off(work, drill, refusal.message[:200])
    return True


def _close_drill(work: UnitOfWork, pk: int) -> bool:
    drill = _drill(pk)
    if drill is None or drill.started_at is None or drill.closes_at > work.now:
        return False
    close(work, drill)
    return True


def _work_off_run(work: UnitOfWork, pk: int) -> bool:
    held = EscalationRun.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    run = held.filter(pk=pk, ended_at__isnull=True).first()
    if run is None:
        return False
    told = tell_due_steps(work, run)
    return end_if_given_up(work, run) or bool(told)
