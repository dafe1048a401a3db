"""Calling people in through a tree, and ending that."""

from datetime import datetime, timedelta

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import UnitOfWork, unit_of_work
from core.errors import Conflict, InvalidInput
from core.events import publish
from stakeholders.events import EscalationUnanswered
from stakeholders.models import Drill, EscalationRun, EscalationRunStep, EscalationTree
from stakeholders.queries.escalation_world import trees_by_key
from stakeholders.rules.escalation import Target
from stakeholders.rules.escalation_plan import plan_of
from stakeholders.rules.escalation_words import RunEnding
from stakeholders.services.escalation_steps import tell_due_steps

LONGEST_TITLE = 150
LONGEST_BODY = 4000


def start_run(*, actor: Actor, now: datetime, tree: EscalationTree, title: str, body: str = "", subject: str = "") -> EscalationRun:
    """Calls people in: the first step is told in this transaction, the others by the clock until somebody answers.

    `subject`: what it is about, as the log spells it (`incident:abc`). Raises `InvalidInput`, or `Conflict` for a tree that is
    retired or tells nobody.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.ESCALATION_START)
        actor.require_person()
        check_words(title, body)
        return _start(work, actor, tree, title=title, body=body, subject=subject)


def start_run_of_drill(*, actor: Actor, now: datetime, drill: Drill) -> EscalationRun:
    """The same for a drill to a tree: every step is told, whoever answers."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.DRILL_RUN)
        if drill.tree is None:
            raise Conflict("This drill goes to an audience.")
        return _start(work, actor, drill.tree, title=drill.title, body=drill.body, drill=drill)


def _start(
    work: UnitOfWork, actor: Actor, tree: EscalationTree, *, title: str, body: str, subject: str = "", drill: Drill | None = None
) -> EscalationRun:
    # The tree's row keeps an editor out while its steps are frozen.
    locked = EscalationTree.objects.select_for_update(no_key=True).get(pk=tree.pk)
    if locked.retired_at is not None:
        raise Conflict(f"“{locked.name}” is retired: choose another tree, or take it into use again.", code="tree_retired")
    trees = trees_by_key()
    plan = plan_of(trees, locked.key)
    if not any(step.targets for step in plan.steps):
        raise Conflict(f"“{locked.name}” tells nobody: give it a step with somebody in it first.", code="tree_empty")
    run = EscalationRun.objects.create(
        tree=locked,
        tree_edition=locked.edition,
        drill=drill,
        subject=subject,
        title=title.strip(),
        body=body.strip(),
        started_by=actor.user,
        started_at=work.now,
        gives_up_at=work.now + timedelta(minutes=locked.gives_up_after),
    )
    EscalationRunStep.objects.bulk_create(
        EscalationRunStep(
            run=run,
            number=number,
            path=" › ".join(trees[key].name for key in step.path)[:500],
            position=step.position,
            targets=[_frozen(target) for target in step.targets],
            due_at=work.now + timedelta(minutes=step.offset),
        )
        for number, step in enumerate(plan.steps, 1)
    )
    work.record(
        "escalation.started",
        subject=f"escalation:{run.public_id}",
        body={
            "tree": locked.key,
            "edition": locked.edition,
            "about": subject,
            "drill": drill.public_id if drill else "",
            "steps": len(plan.steps),
        },
    )
    tell_due_steps(work, run)
    return run


def _frozen(target: Target) -> dict[str, str]:
    return {"kind": target.kind.value, "ref": target.ref, "ring": target.ring, "name": target.name}


def stop_run(*, actor: Actor, now: datetime, run: EscalationRun, reason: str) -> EscalationRun:
    """Nobody more is called. Raises `InvalidInput` without a reason, `Conflict` where it is over already."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.DRILL_RUN if run.drill_id else Permission.ESCALATION_START)
        actor.require_person()
        reason = reason.strip()[:200]
        if not reason:
            message = "Say why nobody more is called."
            raise InvalidInput(message, fields={"reason": [message]})
        locked = EscalationRun.objects.select_for_update(no_key=True).get(pk=run.pk)
        if locked.ended_at is not None:
            raise Conflict("This is over already.", code="run_over")
        locked.stop_reason = reason
        end_run(work, locked, RunEnding.STOPPED)
        return locked


def end_run(work: UnitOfWork, run: EscalationRun, ending: RunEnding) -> None:
    """Ends a run whose row is locked; steps that were not told are told no more."""
    run.steps.filter(fired_at__isnull=True, skipped=False).update(skipped=True)
    run.ended_at, run.ending = work.now, ending.value
    run.save(update_fields=["ended_at", "ending", "stop_reason"])
    body: dict[str, object] = {"ending": ending.value}
    if run.stop_reason:
        body["reason"] = run.stop_reason
    work.record("escalation.ended", subject=f"escalation:{run.public_id}", body=body)


def end_if_given_up(work: UnitOfWork, run: EscalationRun) -> bool:
    """Ends a locked run whose time is over: unanswered in earnest, walked through as a drill."""
    if run.ended_at is not None or run.gives_up_at > work.now:
        return False
    end_run(work, run, RunEnding.WALKED if run.drill_id else RunEnding.UNANSWERED)
    if not run.drill_id:
        publish(EscalationUnanswered(run_id=run.pk, at=work.now))
    return True


def check_words(title: str, body: str) -> None:
    """Raises `InvalidInput` naming the fields."""
    fields: dict[str, list[str]] = {}
    if not title.strip() or len(title.strip()) > LONGEST_TITLE or "\n" in title.strip() or "\r" in title.strip():
        fields["title"] = [f"Say what it is about in 1 to {LONGEST_TITLE} characters, on one line."]
    if len(body) > LONGEST_BODY:
        fields["body"] = [f"At most {LONGEST_BODY} characters."]
    if fields:
        raise InvalidInput("Correct the fields named and send again.", fields=fields)
