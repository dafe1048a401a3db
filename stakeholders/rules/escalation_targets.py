"""What is wrong with the steps of one tree and with those whom they name."""

from collections.abc import Iterator

from stakeholders.rules.escalation import SENT_TO, AddressState, Person, Step, Target, TargetKind, Tree, World
from stakeholders.rules.escalation_findings import Finding, Kind, Level
from stakeholders.rules.escalation_told import duty_words, no_address
from stakeholders.rules.escalation_words import Ring


def of_tree(world: World, tree: Tree) -> Iterator[Finding]:
    if not tree.steps:
        yield Finding(Kind.NO_STEPS, Level.BLOCK, tree.key, 0, f"“{tree.name}” has no step: it tells nobody.", "Add a step.")
    for position, step in enumerate(tree.steps, 1):
        if not step.targets:
            yield Finding(
                Kind.NO_TARGET, Level.WARN, tree.key, position,
                f"Step {position} of “{tree.name}” tells nobody: {step.wait} minutes pass for nothing.",
                "Say whom it tells, or take the step out.",
            )  # fmt: skip
        for target in step.targets:
            yield from _of_target(world, tree, position, target)
        yield from _single_point(world, tree, position, step)


def _of_target(world: World, tree: Tree, position: int, target: Target) -> Iterator[Finding]:
    where = f"Step {position} of “{tree.name}”"
    if target.kind is TargetKind.TREE:
        named = world.trees.get(target.ref)
        if named is None or named.retired:
            name = named.name if named else target.name
            yield Finding(
                Kind.RETIRED_TREE, Level.WARN, tree.key, position, f"{where} names “{name}”, which is retired: nobody is told by it.",
                "Name another tree, or take this one into use again.",
            )  # fmt: skip
        return
    if target.kind is TargetKind.DUTY:
        rings = [segment.deputies if target.ring == Ring.DEPUTIES else segment.on_duty for segment in world.duties.get(target.ref, ())]
        if not any(rings):
            yield Finding(
                Kind.UNREACHABLE_TARGET, Level.WARN, tree.key, position, f"{where} calls {duty_words(target)}: there is nobody all week.",
                "Put people on the rota, with deputies, or give the role to somebody.",
            )  # fmt: skip
        people = {world.person_of.get(user, "") for ring in rings for user in ring}
        for ref in sorted(people & world.people.keys()):
            yield from _of_person(world.people[ref], tree, position, where)
        return
    person = world.people.get(target.ref)
    if person is not None:
        yield from _of_person(person, tree, position, where)


def _of_person(person: Person, tree: Tree, position: int, where: str) -> Iterator[Finding]:
    if not person.active:
        yield Finding(
            Kind.UNREACHABLE_TARGET, Level.WARN, tree.key, position, f"{where} calls {person.name}, who may no longer sign in.",
            "Put somebody else in their place.",
        )  # fmt: skip
        return
    if not person.usable:
        yield Finding(
            Kind.UNREACHABLE_TARGET, Level.WARN, tree.key, position,
            f"{where} calls {person.name}, who cannot be reached: {no_address(person.addresses)}.",
            "Have an address confirmed, or add one that works.",
        )  # fmt: skip
        return
    bad = [address for address in person.addresses if address.state not in SENT_TO]
    if bad:
        yield Finding(
            Kind.BAD_ADDRESS, Level.HINT, tree.key, position, f"{where} calls {person.name}: {no_address(bad)}; nothing is sent there.",
            "Have it confirmed, use it again, or remove it.",
        )  # fmt: skip
    stale = [address for address in person.addresses if address.state is AddressState.STALE]
    if stale:
        kinds = ", ".join(dict.fromkeys(address.kind for address in stale))
        yield Finding(
            Kind.STALE_ADDRESS, Level.HINT, tree.key, position,
            f"{where} calls {person.name}, whose address ({kinds}) was confirmed long ago.",
            "Ask them to confirm it again.",
        )  # fmt: skip


def _single_point(world: World, tree: Tree, position: int, step: Step) -> Iterator[Finding]:
    """At some time one person with one address is all that the step has. Who cannot be reached at all is a finding of its own."""
    if any(target.kind is TargetKind.TREE for target in step.targets):
        return
    for people in _together(world, step):
        known = {ref: world.people[ref] for ref in people if ref in world.people}
        reachable = [person for person in known.values() if person.active and person.usable]
        if len(reachable) == 1 and reachable[0].usable == 1:
            yield Finding(
                Kind.SINGLE_POINT, Level.WARN, tree.key, position,
                f"Step {position} of “{tree.name}” hangs on one person with one address: {reachable[0].name}.",
                "Add a second person, or a second address of theirs on another channel.",
            )  # fmt: skip
            return


def _together(world: World, step: Step) -> Iterator[frozenset[str]]:
    """The sets of people that the step names together, one for each time at which its duties change."""
    fixed = {target.ref for target in step.targets if target.kind is TargetKind.PERSON}
    duties = [target for target in step.targets if target.kind is TargetKind.DUTY]
    if not duties:
        yield frozenset(fixed)
        return
    instants = {segment.span.start for target in duties for segment in world.duties.get(target.ref, ())}
    for at in sorted(instants):
        there = set(fixed)
        for target in duties:
            for segment in world.duties.get(target.ref, ()):
                if segment.span.holds(at):
                    users = segment.deputies if target.ring == Ring.DEPUTIES else segment.on_duty
                    there |= {world.person_of.get(user, "") for user in users}
        yield frozenset(there)


def ever(world: World, target: Target) -> bool:
    """Whether the target names anybody who could be told, at some time of the window."""
    if target.kind is TargetKind.PERSON:
        refs = {target.ref}
    else:
        refs = {
            world.person_of.get(user, "")
            for segment in world.duties.get(target.ref, ())
            for user in (segment.deputies if target.ring == Ring.DEPUTIES else segment.on_duty)
        }
    return any(world.people[ref].active and world.people[ref].usable for ref in refs if ref in world.people)
