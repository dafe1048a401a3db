"""Telling the steps of a run that are due. Who is told is asked when a step is told, not when the run begins."""

from datetime import timedelta

from django.db.models import F

from audit.services import UnitOfWork
from core.events import publish
from stakeholders.events import EscalationStepTold
from stakeholders.models import EscalationCall, EscalationRun, EscalationRunStep
from stakeholders.queries.escalation_world import people_and_duties
from stakeholders.rules.escalation import Target, TargetKind, World
from stakeholders.rules.escalation_told import Told, who
from stakeholders.rules.escalation_words import LATE_AFTER_SECONDS

_MOMENT = timedelta(minutes=1)


def tell_due_steps(work: UnitOfWork, run: EscalationRun) -> int:
    """Tells every due step of a run whose row is locked; returns how many.

    After an outage all that have fallen due are told at once, labelled late, each person once; what follows is put off by the
    delay, so that it waits for an answer as long as the tree says.
    """
    due = list(run.steps.filter(fired_at__isnull=True, skipped=False, due_at__lte=work.now).order_by("number"))
    if not due:
        return 0
    delay = work.now - max(step.due_at for step in due)
    late = work.now - min(step.due_at for step in due) > timedelta(seconds=LATE_AFTER_SECONDS)
    called: set[str] = set()
    for step in due:
        called |= _tell(work, run, step, late=late, called=called)
    if late and delay:
        run.steps.filter(fired_at__isnull=True, skipped=False).update(due_at=F("due_at") + delay)
        run.gives_up_at += delay
        run.save(update_fields=["gives_up_at"])
    return len(due)


def _tell(work: UnitOfWork, run: EscalationRun, step: EscalationRunStep, *, late: bool, called: set[str]) -> set[str]:
    step.fired_at, step.told_late = work.now, late
    step.save(update_fields=["fired_at", "told_late"])
    # A drill wakes nobody unless it is as in earnest.
    wakes = run.tree.wakes and (run.drill is None or run.drill.critical)
    found = [told for told in _who(work, step, wakes) if not told.ref or told.ref not in called]
    EscalationCall.objects.bulk_create(_call(step, told, work) for told in found)
    work.record(
        "escalation.step_told",
        subject=f"escalation:{run.public_id}",
        body={
            "step": step.number,
            "due_at": step.due_at.isoformat(),
            "noticed_late": late,
            "called": [told.ref for told in found if not told.passed_over],
            "passed_over": [{"who": told.ref or told.name, "why": told.passed_over} for told in found if told.passed_over],
        },
    )
    publish(EscalationStepTold(run_step_id=step.pk, at=work.now))
    return {told.ref for told in found if told.ref}


def _who(work: UnitOfWork, step: EscalationRunStep, wakes: bool) -> tuple[Told, ...]:
    targets = [Target(TargetKind(one["kind"]), one["ref"], one["ring"], one["name"]) for one in step.targets]
    people, duties, person_of = people_and_duties(targets, work.now, work.now + _MOMENT)
    return who(World({}, people, duties, person_of), targets, work.now, wakes=wakes)


def _call(step: EscalationRunStep, told: Told, work: UnitOfWork) -> EscalationCall:
    kind, _, ref = told.ref.partition(":")
    return EscalationCall(
        run_step=step,
        stakeholder_id=int(ref) if kind == "stakeholder" else None,
        user_id=ref if kind == "user" else None,
        name=told.name[:200],
        passed_over=told.passed_over[:200],
        called_at=work.now,
    )
