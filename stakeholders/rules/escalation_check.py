"""What is wrong with a tree, in words, with what to do about it."""

from collections.abc import Iterator
from datetime import datetime

from accounts.rules.spans import Span, merged
from stakeholders.rules.escalation import TargetKind, Tree, World, spans_of
from stakeholders.rules.escalation_findings import Finding, Kind, Level
from stakeholders.rules.escalation_plan import Plan, circles, plan_of
from stakeholders.rules.escalation_targets import ever, of_tree
from stakeholders.rules.escalation_told import Stretch, timeline


def check(world: World, key: str, start: datetime, end: datetime) -> list[Finding]:
    """All findings on the tree and on the trees it names, the gravest first; hours are looked at between `start` and `end`."""
    plan = plan_of(world.trees, key)
    reached = list(dict.fromkeys([key, *(tree for step in (*plan.steps, *plan.too_late) for tree in step.path)]))
    found = [*_circles(world, key), *_late(world, key, plan)]
    for tree in dict.fromkeys([*reached, *_empty_ones(world, reached)]):
        found += of_tree(world, world.trees[tree])
    found += _end(world, key, plan)
    if not any(finding.level is Level.BLOCK for finding in found):
        found += _uncovered(world, key, start, end)
    order = list(Level)
    return sorted(found, key=lambda finding: order.index(finding.level))


def _empty_ones(world: World, reached: list[str]) -> Iterator[str]:
    """Trees that are named and have no step, so that no step of the plan leads to them."""
    for key in reached:
        for step in world.trees[key].steps:
            for target in step.targets:
                named = world.trees.get(target.ref) if target.kind is TargetKind.TREE else None
                if named is not None and not named.retired and not named.steps:
                    yield named.key


def _circles(world: World, key: str) -> Iterator[Finding]:
    for circle in circles(world.trees, key):
        names = " → ".join(f"“{world.trees[one].name}”" for one in circle)
        yield Finding(
            Kind.CIRCLE, Level.BLOCK, circle[0], 0, f"The trees lead back to themselves: {names}.", "Take one of these references out."
        )  # fmt: skip


def _late(world: World, key: str, plan: Plan) -> Iterator[Finding]:
    root = world.trees[key]
    for step in plan.too_late:
        yield Finding(
            Kind.UNREACHABLE_STEP,
            Level.WARN,
            step.path[-1],
            step.position,
            f"Step {step.position} of “{world.trees[step.path[-1]].name}” would come after {step.offset} minutes,"
            f" and “{root.name}” gives up after {root.gives_up_after}.",
            "Shorten the waits before it, or let the tree go on longer.",
        )
    in_circles = {one for circle in circles(world.trees, key) for one in circle}
    for tree, position, named in plan.again:
        if not {tree, named} <= in_circles:
            yield Finding(
                Kind.UNREACHABLE_STEP,
                Level.HINT,
                tree,
                position,
                f"Step {position} of “{world.trees[tree].name}” names “{world.trees[named].name}”, which runs already by then.",
                "A tree is begun once in a run: take one of the two references out, or call the people directly.",
            )


def _end(world: World, key: str, plan: Plan) -> Iterator[Finding]:
    """A tree whose last step tells nobody ends in silence, whatever the hour."""
    root = world.trees[key]
    if not root.steps:
        return
    known = [step for step in plan.steps if any(ever(world, target) for target in step.targets)]
    if not known:
        yield Finding(
            Kind.NOBODY_AT_THE_END, Level.BLOCK, key, 0, f"“{root.name}” tells nobody, at any hour.",
            "Name people who have a confirmed address, or a duty that somebody holds.",
        )  # fmt: skip
    elif plan.steps[-1] not in known:
        last = plan.steps[-1]
        yield Finding(
            Kind.NOBODY_AT_THE_END, Level.WARN, last.path[-1], last.position,
            f"“{root.name}” ends without anybody: its last step, after {last.offset} minutes, tells nobody.",
            "End it with somebody who always answers, for instance the manager on duty.",
        )  # fmt: skip


def _uncovered(world: World, key: str, start: datetime, end: datetime) -> Iterator[Finding]:
    root = world.trees[key]
    holes, stretches = uncovered(root, timeline(world, key, start, end), start, end)
    if not holes:
        return
    why = tuple(dict.fromkeys(f"{name}: {words}" for one in stretches for name, words in one.passed_over))
    hours = sum((span.end - span.start).total_seconds() for span in holes) / 3600
    yield Finding(
        Kind.UNCOVERED, Level.WARN, key, 0,
        f"For {hours:.1f} of the hours that “{root.name}” promises, nobody would be told.".replace(".0 ", " "),
        "Fill the rota, record who stands in for an absence, add a step, or let the tree wake people in their quiet hours.",
        holes, why,
    )  # fmt: skip


def promised_within(tree: Tree, start: datetime, end: datetime) -> tuple[Span, ...]:
    """The promised hours cut to the window."""
    return merged(Span(max(span.start, start), min(span.end, end)) for span in spans_of(tree.hours, start, end))


def uncovered(tree: Tree, stretches: tuple[Stretch, ...], start: datetime, end: datetime) -> tuple[tuple[Span, ...], list[Stretch]]:
    """The promised time in which a run that begins tells nobody, and the stretches it lies in."""
    holes: list[Span] = []
    where: list[Stretch] = []
    promised = promised_within(tree, start, end)
    for stretch in stretches:
        if stretch.after is not None:
            continue
        cut = [
            Span(max(stretch.span.start, span.start), min(stretch.span.end, span.end))
            for span in promised
            if span.start < stretch.span.end and span.end > stretch.span.start
        ]
        if cut:
            holes += cut
            where.append(stretch)
    return merged(holes), where
