"""Writing escalation trees: whole, by edition, never in a circle."""

import re
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db import connection
from django.utils.text import slugify

from accounts.actors import Actor
from accounts.models import Team
from accounts.rules.duties import Duty
from accounts.rules.roles import Permission
from audit.services import UnitOfWork, unit_of_work
from core.errors import Conflict, InvalidInput, StaleRevision
from stakeholders.models import EscalationStep, EscalationTarget, EscalationTree, Stakeholder
from stakeholders.queries.escalation_world import stakeholder_ref, trees_by_key
from stakeholders.rules.escalation import Hours, Step, Target, TargetKind, Tree
from stakeholders.rules.escalation_plan import circles
from stakeholders.rules.escalation_words import LONGEST_RUN, LONGEST_WAIT, Ring
from stakeholders.rules.languages import is_time_zone

MOST_STEPS = 20
MOST_TARGETS = 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class TargetInput:
    """Exactly one of: an entry of the register (its public id), a duty with the ring to ask, another tree (its key)."""

    stakeholder: str = ""
    duty: str = ""
    ring: str = ""
    tree: str = ""


@dataclass(frozen=True)
class StepInput:
    """Whom a step tells, and how long it waits before the next."""

    wait_minutes: int
    targets: tuple[TargetInput, ...] = ()


@dataclass(frozen=True)
class TreeInput:
    """Everything a person says of a tree but its key."""

    name: str
    steps: tuple[StepInput, ...] = ()
    description: str = ""
    owner: Team | None = None
    wakes: bool = True
    covered_days: tuple[int, ...] = tuple(range(7))
    covered_from: time | None = None
    covered_until: time | None = None
    time_zone: str = "UTC"
    gives_up_after: int = 240
    drill_every_days: int | None = 90


def create_tree(*, actor: Actor, now: datetime, key: str, given: TreeInput) -> EscalationTree:
    """A new tree. Raises `InvalidInput` naming the fields (`steps.2` for the second step), `Conflict` where the key is taken."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        problems = _problems(given)
        if not key or key != slugify(key) or len(key) > 64:
            problems["key"] = ["Give a key of 1 to 64 lower-case letters, digits and hyphens."]
        _one_at_a_time()
        found = _found(given, problems)
        _refuse(problems)
        if EscalationTree.objects.filter(key=key).exists():
            message = f"There is a tree with the key “{key}” already: choose another key."
            raise Conflict(message, fields={"key": [message]})
        tree = EscalationTree.objects.create(key=key, created_at=now, **_fields(given))
        _write_steps(tree, given, found)
        work.record("escalation_tree.created", subject=f"escalation_tree:{tree.public_id}", body={"key": key, **_said(tree)})
        return tree


def change_tree(*, actor: Actor, now: datetime, tree: EscalationTree, edition: int, given: TreeInput) -> EscalationTree:
    """The tree as a whole, in place of edition `edition`. Raises `InvalidInput`, `StaleRevision` where it was changed meanwhile.

    Runs that are on their way keep the steps they began with.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        problems = _problems(given)
        _one_at_a_time()
        locked = EscalationTree.objects.select_for_update(no_key=True).get(pk=tree.pk)
        if locked.edition != edition:
            raise StaleRevision("Somebody changed this tree meanwhile. Nothing was overwritten: look at it as it is and change it again.")
        found = _found(given, problems, of=locked.key)
        _refuse(problems)
        before = _said(locked)
        for name, value in _fields(given).items():
            setattr(locked, name, value)
        locked.edition += 1
        locked.save()
        locked.steps.all().delete()
        _write_steps(locked, given, found)
        work.record(
            "escalation_tree.changed", subject=f"escalation_tree:{locked.public_id}", body={"before": before, "after": _said(locked)}
        )
        return locked


def retire_tree(*, actor: Actor, now: datetime, tree: EscalationTree) -> EscalationTree:
    """The tree calls nobody any more; what ran stays on record. One that is retired stays so."""
    return _set_retired(actor, now, tree, retired=True)


def use_tree_again(*, actor: Actor, now: datetime, tree: EscalationTree) -> EscalationTree:
    """Takes a retired tree into use again."""
    return _set_retired(actor, now, tree, retired=False)


def _set_retired(actor: Actor, now: datetime, tree: EscalationTree, *, retired: bool) -> EscalationTree:
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        locked = EscalationTree.objects.select_for_update(no_key=True).get(pk=tree.pk)
        if (locked.retired_at is not None) != retired:
            locked.retired_at = now if retired else None
            locked.save(update_fields=["retired_at"])
            _note(work, locked, "escalation_tree.retired" if retired else "escalation_tree.used_again")
        return locked


def _note(work: UnitOfWork, tree: EscalationTree, entry: str) -> None:
    work.record(entry, subject=f"escalation_tree:{tree.public_id}", body={"key": tree.key})


def _one_at_a_time() -> None:
    """Two changes that together make a circle see each other; the trigger takes the same lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('stakeholders_escalation_no_circle'))")


def _problems(given: TreeInput) -> dict[str, list[str]]:
    said: dict[str, str] = {
        "name": ""
        if given.name.strip() and len(given.name.strip()) <= 120 and not _CONTROL.search(given.name.strip())
        else "Give a name of 1 to 120 characters, on one line.",
        "description": "" if len(given.description) <= 2000 else "At most 2,000 characters.",
        "covered_days": "" if given.covered_days and set(given.covered_days) <= set(range(7)) else "Choose at least one day of the week.",
        "time_zone": "" if is_time_zone(given.time_zone) else "Give an IANA time zone, for instance Europe/Berlin.",
        "gives_up_after": "" if 1 <= given.gives_up_after <= LONGEST_RUN else f"Give 1 to {LONGEST_RUN} minutes.",
        "drill_every_days": "" if given.drill_every_days is None or 1 <= given.drill_every_days <= 730 else "Give 1 to 730 days, or none.",
        "covered_until": _hours_wrong(given),
        "steps": "" if len(given.steps) <= MOST_STEPS else f"At most {MOST_STEPS} steps.",
    }
    return {name: [words] for name, words in said.items() if words}


def _hours_wrong(given: TreeInput) -> str:
    if (given.covered_from is None) != (given.covered_until is None):
        return "Give both times, or neither for the whole day."
    if given.covered_from is not None and given.covered_from == given.covered_until:
        return "The hours are empty: leave both times out for the whole day."
    return ""


def _found(given: TreeInput, problems: dict[str, list[str]], of: str = "") -> dict[str, Any]:
    """The entries and trees that the steps name; what is wrong with them goes into `problems`."""
    ids = {target.stakeholder for step in given.steps for target in step.targets if target.stakeholder}
    keys = {target.tree for step in given.steps for target in step.targets if target.tree}
    people = {row.public_id: row for row in Stakeholder.objects.filter(public_id__in=ids)}
    trees = {row.key: row for row in EscalationTree.objects.filter(key__in=keys)}
    for number, step in enumerate(given.steps, 1):
        wrong = []
        if not 1 <= step.wait_minutes <= LONGEST_WAIT:
            wrong.append(f"Wait 1 to {LONGEST_WAIT} minutes before the next step.")
        if len(step.targets) > MOST_TARGETS:
            wrong.append(f"A step tells at most {MOST_TARGETS}.")
        if len(set(step.targets)) != len(step.targets):
            wrong.append("Name each once in a step.")
        for target in step.targets:
            wrong += _target_wrong(target, people, trees, of)
        if wrong:
            problems[f"steps.{number}"] = list(dict.fromkeys(wrong))
    found = {**people, **trees}
    if not problems and of:
        problems |= _circle(of, given, found)
    return found


def _target_wrong(target: TargetInput, people: dict[str, Stakeholder], trees: dict[str, EscalationTree], of: str) -> list[str]:
    if sum(map(bool, (target.stakeholder, target.duty, target.tree))) != 1:
        return ["Name an entry of the register, a duty, or another tree."]
    if target.stakeholder and target.stakeholder not in people:
        return ["One of the people named is not in the register: choose again."]
    if target.duty and (target.duty not in set(Duty) or target.ring not in set(Ring)):
        return [f"Choose one of the duties {', '.join(Duty)} with the ring {' or '.join(Ring)}."]
    if target.tree == of != "":
        return ["A tree cannot name itself."]
    if target.tree and target.tree not in trees:
        return [f"There is no tree with the key “{target.tree}”."]
    return []


def draft_of(key: str, given: TreeInput, found: dict[str, Any] | None = None) -> Tree:
    """The tree as the rules would read it once saved; what does not exist is left out. `found`: entries and trees looked up before."""
    known = found if found is not None else _found(given, {})

    def target(one: TargetInput) -> Target | None:
        if one.stakeholder in known:
            return Target(TargetKind.PERSON, stakeholder_ref(known[one.stakeholder].pk), name=known[one.stakeholder].name)
        if one.tree in known:
            return Target(TargetKind.TREE, one.tree, name=known[one.tree].name)
        return Target(TargetKind.DUTY, one.duty, one.ring) if one.duty in set(Duty) else None

    return Tree(
        key=key,
        name=given.name,
        steps=tuple(Step(step.wait_minutes, tuple(made for one in step.targets if (made := target(one)))) for step in given.steps),
        hours=Hours(frozenset(given.covered_days), given.covered_from, given.covered_until, given.time_zone),
        wakes=given.wakes,
        gives_up_after=given.gives_up_after,
    )


def _circle(of: str, given: TreeInput, found: dict[str, Any]) -> dict[str, list[str]]:
    trees = trees_by_key()
    trees[of] = draft_of(of, given, found)
    way = next((way for way in circles(trees, of) if of in way), None)
    if way is None:
        return {}
    names = " → ".join(f"“{trees[key].name}”" for key in way)
    following = way[way.index(of) + 1] if way.index(of) + 1 < len(way) else way[1]
    number = next(n for n, step in enumerate(given.steps, 1) if any(target.tree == following for target in step.targets))
    return {f"steps.{number}": [f"This leads back to the tree itself: {names}. Take one of these references out."]}


def _refuse(problems: dict[str, list[str]]) -> None:
    if problems:
        raise InvalidInput("Correct the fields named and send again.", fields=problems)


def _fields(given: TreeInput) -> dict[str, Any]:
    return {
        "name": given.name.strip(),
        "description": given.description.strip(),
        "owner": given.owner,
        "wakes": given.wakes,
        "covered_days": sorted(set(given.covered_days)),
        "covered_from": given.covered_from,
        "covered_until": given.covered_until,
        "time_zone": given.time_zone,
        "gives_up_after": given.gives_up_after,
        "drill_every_days": given.drill_every_days,
    }


def _write_steps(tree: EscalationTree, given: TreeInput, found: dict[str, Any]) -> None:
    for number, step in enumerate(given.steps, 1):
        row = EscalationStep.objects.create(tree=tree, position=number, wait_minutes=step.wait_minutes)
        for place, target in enumerate(step.targets):
            EscalationTarget.objects.create(
                step=row,
                position=place,
                stakeholder=found.get(target.stakeholder),
                duty=target.duty,
                ring=target.ring if target.duty else "",
                tree=found.get(target.tree),
            )


def _said(tree: EscalationTree) -> dict[str, Any]:
    """The tree as the log keeps it: entries by their public id."""
    steps = tree.steps.prefetch_related("targets__stakeholder", "targets__tree")
    return {
        "name": tree.name,
        "owner": tree.owner.key if tree.owner else "",
        "wakes": tree.wakes,
        "days": tree.covered_days,
        "hours": f"{tree.covered_from:%H:%M}–{tree.covered_until:%H:%M}" if tree.covered_from and tree.covered_until else "",
        "time_zone": tree.time_zone,
        "gives_up_after": tree.gives_up_after,
        "drill_every_days": tree.drill_every_days or 0,
        "steps": [{"wait": step.wait_minutes, "targets": [_named(target) for target in step.targets.all()]} for step in steps],
    }


def _named(target: EscalationTarget) -> str:
    if target.stakeholder is not None:
        return f"stakeholder:{target.stakeholder.public_id}"
    return f"tree:{target.tree.key}" if target.tree is not None else f"duty:{target.duty}:{target.ring}"
