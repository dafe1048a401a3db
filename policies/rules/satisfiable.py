"""Whether any incident could meet several conditions at once: a search over finitely many cases.

Facts of words take each word. A number only matters by where it stands to the numbers it is compared with, so these, their
neighbours and nought are all the cases. A list only matters by which of the words asked for it holds, and whether it holds others.
Facts are taken to be independent of each other: a set that the search calls impossible is impossible.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from policies.rules.conditions import Comparison, Condition, Op, comparisons, holds, truth
from policies.rules.facts import KNOWN_WORDS, LISTS, NUMBERS, YES_OR_NO

MOST_STEPS = 4_000
# A case is settled atom by atom: a fact, or one word of a list. `None` as the word stands for any word nobody asks for.
Atom = tuple[str, str | None]


class TooMany(Exception):
    """The search was given up: nothing is known."""


def satisfiable(conditions: Sequence[Condition], most_steps: int = MOST_STEPS) -> bool:
    """Whether some facts meet all of them. Raises `TooMany` after so many steps."""
    return _Search(conditions, most_steps).from_here(list(conditions))


class _Search:
    def __init__(self, conditions: Iterable[Condition], most_steps: int) -> None:
        self.left = most_steps
        self.settled: dict[Atom, Any] = {}
        self.asked = [comparison for condition in conditions for comparison in comparisons(condition)]
        self.words: dict[str, set[str]] = {}
        self.numbers: dict[str, list[int | None]] = {}
        for comparison in self.asked:
            if isinstance(comparison.value, tuple) and comparison.fact in LISTS:
                self.words.setdefault(comparison.fact, set()).update(comparison.value)
        for fact in NUMBERS:
            near = {0} | {n for c in self.asked if c.fact == fact and not isinstance(c.value, bool | str | tuple) for n in _around(c.value)}
            self.numbers[fact] = [*sorted(near), *([None] if fact == "expected_minutes" else [])]

    def from_here(self, pending: list[Condition]) -> bool:
        """Settles what is open, one atom at a time, until every condition holds or one cannot."""
        self.left -= 1
        if self.left < 0:
            raise TooMany
        still: list[Condition] = []
        for condition in pending:
            found = truth(condition, self.known)
            if found is False:
                return False
            if found is None:
                still.append(condition)
        if not still:
            return True
        atom = next(self.open_atoms(still[0]))
        for value in self.cases(atom):
            self.settled[atom] = value
            if self.from_here(still):
                return True
        del self.settled[atom]
        return False

    def known(self, comparison: Comparison) -> bool | None:
        """What the settled atoms say of it."""
        if comparison.fact not in LISTS:
            atom = (comparison.fact, None)
            return holds(comparison, self.settled[atom]) if atom in self.settled else None
        held = [self.settled.get(atom) for atom in self.atoms(comparison)]
        if comparison.op is Op.INCLUDES_ALL:
            return False if False in held else None if None in held else True
        includes = True if True in held else None if None in held else False
        if comparison.op is Op.INCLUDES_ANY or includes is None:
            return includes
        return includes is not comparison.value

    def atoms(self, comparison: Comparison) -> list[Atom]:
        """What must be settled to know it."""
        if comparison.fact not in LISTS:
            return [(comparison.fact, None)]
        if isinstance(comparison.value, tuple):
            return [(comparison.fact, word) for word in comparison.value]
        return [(comparison.fact, word) for word in [*sorted(self.words.get(comparison.fact, ())), None]]

    def open_atoms(self, condition: Condition) -> Iterator[Atom]:
        """The atoms of it that are not settled; of a condition whose truth is unknown there is one."""
        return (
            atom
            for comparison in comparisons(condition)
            if self.known(comparison) is None
            for atom in self.atoms(comparison)
            if atom not in self.settled
        )

    def cases(self, atom: Atom) -> Sequence[Any]:
        """The values it can take."""
        fact, _ = atom
        if fact in YES_OR_NO or fact in LISTS:
            return (True, False)
        return self.numbers[fact] if fact in NUMBERS else KNOWN_WORDS[fact]


def _around(value: int) -> set[int]:
    return {max(0, value - 1), value, value + 1}
