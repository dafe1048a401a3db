"""A tree with all the trees it names, as one list of what is told when."""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import heappop, heappush

from stakeholders.rules.escalation import Target, TargetKind, Tree


@dataclass(frozen=True)
class PlanStep:
    """Told `offset` minutes after the start. `path`: the keys of the trees that led here; `position` counts from 1 in the last of them."""

    path: tuple[str, ...]
    position: int
    offset: int
    targets: tuple[Target, ...]
    """People and duties."""


@dataclass(frozen=True)
class Plan:
    """`steps` in the order in which they are told. `too_late` would come after the tree gives up.

    `again`: (tree that names, position, tree named) where a tree is named that runs already: it is not begun a second time.
    """

    steps: tuple[PlanStep, ...]
    too_late: tuple[PlanStep, ...]
    again: tuple[tuple[str, int, str], ...]


def plan_of(trees: Mapping[str, Tree], key: str) -> Plan:
    """What a run of the tree tells. A tree that a step names runs from that step's time on, beside the steps that follow.

    Each tree runs once, from when it is named first; one that is retired or missing is passed over. So it ends, whatever names what.
    """
    root = trees[key]
    steps: list[PlanStep] = []
    too_late: list[PlanStep] = []
    again: list[tuple[str, int, str]] = []
    begun = {key}
    order = 0
    waiting: list[tuple[int, int, tuple[str, ...], int]] = []
    if root.steps:
        heappush(waiting, (0, order, (key,), 0))
    while waiting:
        offset, _, path, index = heappop(waiting)
        tree = trees[path[-1]]
        step = tree.steps[index]
        told = tuple(target for target in step.targets if target.kind is not TargetKind.TREE)
        made = PlanStep(path, index + 1, offset, told)
        if offset >= root.gives_up_after:
            too_late.append(made)
        else:
            steps.append(made)
        for target in step.targets:
            if target.kind is not TargetKind.TREE or target.ref not in trees or trees[target.ref].retired:
                continue
            if target.ref in begun:
                again.append((tree.key, index + 1, target.ref))
                continue
            begun.add(target.ref)
            if trees[target.ref].steps:
                order += 1
                heappush(waiting, (offset, order, (*path, target.ref), 0))
        if index + 1 < len(tree.steps):
            order += 1
            heappush(waiting, (offset + step.wait, order, path, index + 1))
    return Plan(tuple(steps), tuple(too_late), tuple(again))


def circles(trees: Mapping[str, Tree], key: str) -> tuple[tuple[str, ...], ...]:
    """The ways on which trees named from `key` lead back to themselves, each once, as keys that begin and end with the same."""
    found: dict[frozenset[str], tuple[str, ...]] = {}
    done: set[str] = set()
    # Walked without recursion: (tree, trees it names that are still to be looked at).
    way: list[str] = [key]
    rest: list[list[str]] = [_named(trees, key)]
    while way:
        if not rest[-1]:
            done.add(way.pop())
            rest.pop()
            continue
        following = rest[-1].pop(0)
        if following in way:
            circle = (*way[way.index(following) :], following)
            found.setdefault(frozenset(circle), circle)
        elif following not in done:
            way.append(following)
            rest.append(_named(trees, following))
    return tuple(found.values())


def _named(trees: Mapping[str, Tree], key: str) -> list[str]:
    tree = trees.get(key)
    if tree is None:
        return []
    named = (target.ref for step in tree.steps for target in step.targets if target.kind is TargetKind.TREE)
    return [ref for ref in dict.fromkeys(named) if ref in trees]
