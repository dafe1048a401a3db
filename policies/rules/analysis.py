"""Rules that can never decide, and why. What is said is true of every incident; see `satisfiable` for how far the search goes."""

from dataclasses import dataclass
from enum import StrEnum

from policies.rules.conditions import Condition, Not
from policies.rules.document import Document, Rule
from policies.rules.explain import joined
from policies.rules.satisfiable import TooMany, satisfiable


class FlawKind(StrEnum):
    """Why a rule never decides."""

    IMPOSSIBLE = "impossible"
    SHADOWED = "shadowed"
    COVERED = "covered"
    IN_RESERVE = "in_reserve"


@dataclass(frozen=True)
class Flaw:
    """One rule that never decides. `by` are the keys of the rules that decide in its place; `text` says it with the cure."""

    kind: FlawKind
    position: int
    key: str
    by: tuple[str, ...]
    text: str

    @property
    def is_mistake(self) -> bool:
        """The last rule may well stand in reserve; any other that never decides is a mistake."""
        return self.kind is not FlawKind.IN_RESERVE


def problems(document: Document) -> list[Flaw]:
    """Every rule that can never decide, in order.

    A rule is *impossible* when it contradicts itself, *shadowed* when one rule above it takes all it would take, *covered* when
    several together do. Where the search would take too long nothing is said.
    """
    flaws = []
    above: list[Rule] = []
    for position, rule in enumerate(document.rules, start=1):
        flaw = _flaw(position, rule, above)
        if flaw is None:
            above.append(rule)
        else:
            # What never decides takes nothing from those below.
            flaws.append(flaw)
    if _none(_but(above)):
        last = document.otherwise
        text = "Every incident is decided by a rule above; this one stands in reserve."
        flaws.append(Flaw(FlawKind.IN_RESERVE, len(document.rules) + 1, last.key, (), text))
    return flaws


def _flaw(position: int, rule: Rule, above: list[Rule]) -> Flaw | None:
    if not _none([rule.when, *_but(above)]):
        return None
    if _none([rule.when]):
        text = "Never decides: no incident can meet its condition. Change the condition or remove the rule."
        return Flaw(FlawKind.IMPOSSIBLE, position, rule.key, (), text)
    for other in above:
        if _none([rule.when, Not(other.when)]):
            text = f"Never decides: “{other.key}” above takes everything it would take. Move it up, or narrow “{other.key}”."
            return Flaw(FlawKind.SHADOWED, position, rule.key, (other.key,), text)
    by = tuple(other.key for other in _fewest(rule, above))
    text = f"Never decides: {joined(by, 'and')} above take together everything it would take. Move it up, or remove it."
    return Flaw(FlawKind.COVERED, position, rule.key, by, text)


def _fewest(rule: Rule, above: list[Rule]) -> list[Rule]:
    """Of the rules above, a set none of which could be left out."""
    needed = list(above)
    for other in above:
        fewer = [kept for kept in needed if kept is not other]
        if _none([rule.when, *_but(fewer)]):
            needed = fewer
    return needed


def _but(rules: list[Rule]) -> list[Condition]:
    return [Not(rule.when) for rule in rules]


def _none(conditions: list[Condition]) -> bool:
    """Whether it is certain that no facts meet all of them."""
    try:
        return not satisfiable(conditions)
    except TooMany:
        return False
