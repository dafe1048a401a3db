"""Escalation trees, runs and drills for whoever may read them."""

from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from accounts.actors import Actor
from accounts.rules.roles import Permission
from core.errors import NotFound
from stakeholders.models import Acknowledgement, Drill, EscalationCall, EscalationRun, EscalationTree


def visible_trees(actor: Actor) -> "QuerySet[EscalationTree]":
    """The trees with their steps and targets; raises `Forbidden` without the permission to read the register."""
    actor.require(Permission.STAKEHOLDER_READ)
    return EscalationTree.objects.select_related("owner").prefetch_related("steps__targets__stakeholder", "steps__targets__tree")


def visible_tree(actor: Actor, key: str) -> EscalationTree:
    """One tree; raises `NotFound` or `Forbidden`."""
    found = visible_trees(actor).filter(key=key).first()
    if found is None:
        raise NotFound
    return found


def drill_due_at(tree: EscalationTree, last: datetime | None) -> datetime | None:
    """When the tree's next drill has to be, `None` for a tree that is not drilled or is retired. `last`: when one began."""
    if tree.drill_every_days is None or tree.retired_at is not None:
        return None
    return (last or tree.created_at) + timedelta(days=tree.drill_every_days)


def last_drills() -> dict[int, datetime]:
    """By tree, when the last drill of it began."""
    rows = Drill.objects.filter(tree__isnull=False, started_at__isnull=False).values_list("tree_id").annotate(last=Max("started_at"))
    return {int(tree): last for tree, last in rows.order_by()}


def overdue_drills(now: datetime) -> list[tuple[EscalationTree, datetime]]:
    """Trees whose drill should have been, with the time, the oldest first."""
    last = last_drills()
    trees = EscalationTree.objects.filter(retired_at__isnull=True, drill_every_days__isnull=False).select_related("owner")
    due = [(tree, at) for tree in trees if (at := drill_due_at(tree, last.get(tree.pk))) is not None and at <= now]
    return sorted(due, key=lambda one: one[1])


def visible_drills(actor: Actor) -> "QuerySet[Drill]":
    """Drills to trees and audiences; raises `Forbidden` without the permission to read the register."""
    actor.require(Permission.STAKEHOLDER_READ)
    return Drill.objects.select_related("tree", "audience", "planned_by", "run")


def visible_drill(actor: Actor, public_id: str) -> Drill:
    """One drill; raises `NotFound` or `Forbidden`."""
    found = visible_drills(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def called_or_started(actor: Actor) -> Q:
    """Runs that the person began or was called by: they concern them, whatever the run is about."""
    if actor.user is None:
        return Q(pk__in=[])
    calls = EscalationCall.objects.filter(run_step__run=OuterRef("pk"), passed_over="").filter(
        Q(user=actor.user) | Q(stakeholder__user=actor.user)
    )
    return Q(started_by=actor.user) | Q(Exists(calls))


def was_called(run: EscalationRun, actor: Actor) -> bool:
    """Whether a step of the run has told this person."""
    calls = EscalationCall.objects.filter(run_step__run=run, passed_over="")
    return actor.user is not None and calls.filter(Q(user=actor.user) | Q(stakeholder__user=actor.user)).exists()


def first_answer(run: EscalationRun) -> Acknowledgement | None:
    """Who has it."""
    return run.acknowledgements.order_by("at", "id").first()
