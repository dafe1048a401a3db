"""Trees to test with, made by the services."""

from typing import Any

from stakeholders.models import Drill, EscalationRun, EscalationTree, Stakeholder
from stakeholders.services import register_stakeholder
from stakeholders.services.drills import plan_drill
from stakeholders.services.escalation_runs import start_run
from stakeholders.services.escalation_trees import StepInput, TargetInput, TreeInput, create_tree
from tests.support.cast import NOW, Cast


def colleague(cast: Cast, name: str, *, address: str = "", **more: Any) -> Stakeholder:
    """Somebody of the cast, in the register with one e-mail address."""
    return register_stakeholder(
        actor=cast.actor("comms"),
        now=NOW,
        kind="person",
        name=name.capitalize(),
        email=address or f"{name}@example.com",
        user=cast.user(name),
        **more,
    )


def to(stakeholder: Stakeholder) -> TargetInput:
    """This entry of the register."""
    return TargetInput(stakeholder=stakeholder.public_id)


def duty(name: str, ring: str = "on_duty") -> TargetInput:
    """Whoever has the duty then."""
    return TargetInput(duty=name, ring=ring)


def given(*steps: tuple[int, tuple[TargetInput, ...]], name: str = "Night", **more: Any) -> TreeInput:
    """A tree with these steps: (minutes before the next, whom)."""
    return TreeInput(name=name, steps=tuple(StepInput(wait, targets) for wait, targets in steps), **more)


def make_tree(cast: Cast, *steps: tuple[int, tuple[TargetInput, ...]], key: str = "night", **more: Any) -> EscalationTree:
    """A tree on record."""
    return create_tree(actor=cast.actor("comms"), now=NOW, key=key, given=given(*steps, **more))


def escalation_things(cast: Cast) -> tuple[EscalationTree, EscalationRun, Drill]:
    """A tree that calls the technical leads, a run of it and a drill to it."""
    tree = make_tree(cast, (10, (duty("technical"),)), (10, (duty("manager_on_duty"),)))
    run = start_run(actor=cast.actor("commander"), now=NOW, tree=tree, title="Somebody is needed")
    return tree, run, plan_drill(actor=cast.actor("comms"), now=NOW, title="Can we reach you?", tree=tree)
