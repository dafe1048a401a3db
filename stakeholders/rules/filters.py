"""Who belongs to an audience by what the register says of them: tests of facts, joined by *all*, *any* and *not*.

Written form: `{"all": […]}`, `{"any": […]}`, `{"not": …}`, `{"fact": "tier", "op": "in", "value": ["strategic", "key"]}`. An entry is
judged by its own fields, not by those of its organisation.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stakeholders.rules.kinds import INSIDE, StakeholderKind, Tier

KNOWN_WORDS: dict[str, tuple[str, ...]] = {
    "tier": tuple(tier.value for tier in Tier),
    "kind": tuple(kind.value for kind in StakeholderKind),
}
WORDS = (*KNOWN_WORDS, "region", "language")
LISTS = ("component", "tag")
FACTS = ("tier", "component", "region", "kind", "language", "tag")
_MAY_BE_EMPTY = frozenset({"tier", "region", *LISTS})


def ops_of(fact: str) -> tuple[str, ...]:
    """The tests that make sense for a fact, the most usual first."""
    usual = ("includes_any", "includes_all") if fact in LISTS else ("in", "not_in")
    return (*usual, "is_empty") if fact in _MAY_BE_EMPTY else usual


@dataclass(frozen=True)
class Test:
    """One fact against words; `is_empty` against yes or no. A language names its regions too: `en` is also `en-GB` (RFC 4647 §3.3.1)."""

    __test__ = False  # not one of pytest's

    fact: str
    op: str
    value: tuple[str, ...] | bool


@dataclass(frozen=True)
class AllOf:
    """Every part holds."""

    parts: "tuple[Filter, ...]"


@dataclass(frozen=True)
class AnyOf:
    """At least one part holds."""

    parts: "tuple[Filter, ...]"


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: "Filter"


Filter = Test | AllOf | AnyOf | Not
COLLEAGUES = Test("kind", "in", tuple(sorted(INSIDE)))


@dataclass(frozen=True)
class Entry:
    """What a filter reads of one stakeholder; an empty string is none."""

    kind: str
    language: str
    tier: str = ""
    region: str = ""
    component: frozenset[str] = frozenset()
    tag: frozenset[str] = frozenset()


def holds(condition: Filter, entry: Entry) -> bool:
    """Whether the entry belongs to it. `queries/filters.py` says the same in SQL; a test holds the two together."""
    if isinstance(condition, Test):
        return _passes(condition, getattr(entry, condition.fact))
    if isinstance(condition, Not):
        return not holds(condition.part, entry)
    return (all if isinstance(condition, AllOf) else any)(holds(part, entry) for part in condition.parts)


def tests(condition: Filter) -> Iterator[Test]:
    """Every test in it, from left to right."""
    if isinstance(condition, Test):
        yield condition
    else:
        for part in [condition.part] if isinstance(condition, Not) else condition.parts:
            yield from tests(part)


def as_json(condition: Filter) -> dict[str, Any]:
    """The written form."""
    if isinstance(condition, Test):
        value = list(condition.value) if isinstance(condition.value, tuple) else condition.value
        return {"fact": condition.fact, "op": condition.op, "value": value}
    if isinstance(condition, Not):
        return {"not": as_json(condition.part)}
    return {"all" if isinstance(condition, AllOf) else "any": [as_json(part) for part in condition.parts]}


def for_colleagues(condition: Filter) -> Filter:
    """The filter with colleagues alone: its first part says so, which is what the database asks of an internal audience."""
    if isinstance(condition, AllOf) and condition.parts[0] == COLLEAGUES:
        return condition
    return AllOf((COLLEAGUES, *(condition.parts if isinstance(condition, AllOf) else (condition,))))


def without_colleagues_part(condition: Filter) -> Filter | None:
    """The filter as a person wrote it: what `for_colleagues` added is taken off. `None` when nothing else is left."""
    if not isinstance(condition, AllOf) or condition.parts[0] != COLLEAGUES:
        return condition
    rest = condition.parts[1:]
    return (rest[0] if len(rest) == 1 else AllOf(rest)) if rest else None


def _passes(test: Test, actual: Any) -> bool:
    if isinstance(test.value, bool):
        return (not actual) is test.value
    if test.fact in LISTS:
        return actual.issuperset(test.value) if test.op == "includes_all" else not actual.isdisjoint(test.value)
    found = actual in test.value or (test.fact == "language" and any(actual.startswith(f"{word}-") for word in test.value))
    return found is (test.op == "in")
