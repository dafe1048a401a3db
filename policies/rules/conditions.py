"""What a rule asks: comparisons of facts, joined by *all*, *any* and *not*."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from policies.rules.facts import KNOWN_WORDS, LISTS, NUMBERS, YES_OR_NO, Facts


class Op(StrEnum):
    """How a fact is compared."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    INCLUDES_ANY = "includes_any"
    INCLUDES_ALL = "includes_all"
    IS_EMPTY = "is_empty"


# Words that have an order, from the mildest to the worst: *at least* means "this or worse".
ORDER: dict[str, tuple[str, ...]] = {
    "severity": ("SEV4", "SEV3", "SEV2", "SEV1"),
    "impact": KNOWN_WORDS["impact"],
    "outage_scope": KNOWN_WORDS["outage_scope"],
}
FACT_NAMES = (*KNOWN_WORDS, *YES_OR_NO, *NUMBERS, *LISTS)
# Of these, a fact may be unknown.
_MAY_BE_UNKNOWN = frozenset({"expected_minutes"})


def ops_of(fact: str) -> tuple[Op, ...]:
    """The comparisons that make sense for a fact, the most usual first."""
    if fact in YES_OR_NO:
        return (Op.IS, Op.IS_NOT)
    if fact in NUMBERS:
        return (Op.AT_LEAST, Op.AT_MOST, Op.IS, Op.IS_NOT, *((Op.IS_EMPTY,) if fact in _MAY_BE_UNKNOWN else ()))
    if fact in LISTS:
        return (Op.INCLUDES_ANY, Op.INCLUDES_ALL, Op.IS_EMPTY)
    return (Op.IN, Op.NOT_IN, Op.IS, Op.IS_NOT, *((Op.AT_LEAST, Op.AT_MOST) if fact in ORDER else ()))


@dataclass(frozen=True)
class Comparison:
    """One fact against one value: a word, yes or no, whole minutes, or several words."""

    fact: str
    op: Op
    value: str | bool | int | tuple[str, ...]


@dataclass(frozen=True)
class AllOf:
    """Every part holds; without parts: always."""

    parts: "tuple[Condition, ...]" = ()


@dataclass(frozen=True)
class AnyOf:
    """At least one part holds."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: "Condition"


Condition = Comparison | AllOf | AnyOf | Not
ALWAYS = AllOf()


def comparisons(condition: Condition) -> Iterator[Comparison]:
    """Every comparison in it, from left to right."""
    if isinstance(condition, Comparison):
        yield condition
    elif isinstance(condition, Not):
        yield from comparisons(condition.part)
    else:
        for part in condition.parts:
            yield from comparisons(part)


def truth(condition: Condition, of: Callable[[Comparison], bool | None]) -> bool | None:
    """Whether it holds when `of` says which comparisons do; `None` where what is unknown could tip it."""
    if isinstance(condition, Comparison):
        return of(condition)
    if isinstance(condition, Not):
        inner = truth(condition.part, of)
        return None if inner is None else not inner
    decisive = isinstance(condition, AnyOf)
    unknown = False
    for part in condition.parts:
        found = truth(part, of)
        if found is decisive:
            return decisive
        unknown = unknown or found is None
    return None if unknown else not decisive


def holds(comparison: Comparison, actual: Any) -> bool:
    """Whether the fact's value meets the comparison. A number that is unknown meets *is not* and *is empty* alone."""
    return bool(_TESTS[comparison.op](actual, _wanted(comparison)))


def compiled(condition: Condition) -> Callable[[Facts], bool]:
    """The condition as a function, made once and called for every incident."""
    if isinstance(condition, Comparison):
        return _compiled_comparison(condition.fact, _TESTS[condition.op], _wanted(condition), condition.op)
    if isinstance(condition, Not):
        inner = compiled(condition.part)
        return lambda facts: not inner(facts)
    parts = tuple(compiled(part) for part in condition.parts)
    if len(parts) == 1:
        return parts[0]
    decisive = isinstance(condition, AnyOf)

    # A loop: `all` over a generator takes twice as long, and this is done for every rule of every decision.
    def group(facts: Facts) -> bool:
        for part in parts:
            if part(facts) is decisive:
                return decisive
        return not decisive

    return group


def _compiled_comparison(name: str, test: Callable[[Any, Any], bool], wanted: Any, op: Op) -> Callable[[Facts], bool]:
    if op is Op.IN:
        return lambda facts: getattr(facts, name) in wanted
    if op is Op.IS:
        return lambda facts: bool(getattr(facts, name) == wanted)
    return lambda facts: bool(test(getattr(facts, name), wanted))


def as_json(condition: Condition) -> dict[str, Any]:
    """The written form: `{}` for always, a tree otherwise."""
    if isinstance(condition, Comparison):
        value = list(condition.value) if isinstance(condition.value, tuple) else condition.value
        return {"fact": condition.fact, "op": condition.op.value, "value": value}
    if isinstance(condition, Not):
        return {"not": as_json(condition.part)}
    if condition == ALWAYS:
        return {}
    return {"any" if isinstance(condition, AnyOf) else "all": [as_json(part) for part in condition.parts]}


def _wanted(comparison: Comparison) -> Any:
    """The value in the form its test is quickest with; *at least* of ordered words is "one of these"."""
    if comparison.fact in ORDER and comparison.op in {Op.AT_LEAST, Op.AT_MOST}:
        order = ORDER[comparison.fact]
        place = order.index(str(comparison.value))
        return frozenset(order[place:] if comparison.op is Op.AT_LEAST else order[: place + 1])
    return frozenset(comparison.value) if isinstance(comparison.value, tuple) else comparison.value


def _at_least(actual: Any, wanted: Any) -> bool:
    return actual in wanted if isinstance(wanted, frozenset) else actual is not None and actual >= wanted


def _at_most(actual: Any, wanted: Any) -> bool:
    return actual in wanted if isinstance(wanted, frozenset) else actual is not None and actual <= wanted


_TESTS: dict[Op, Callable[[Any, Any], bool]] = {
    Op.IS: lambda actual, wanted: actual == wanted,
    Op.IS_NOT: lambda actual, wanted: actual != wanted,
    Op.IN: lambda actual, wanted: actual in wanted,
    Op.NOT_IN: lambda actual, wanted: actual not in wanted,
    Op.AT_LEAST: _at_least,
    Op.AT_MOST: _at_most,
    Op.INCLUDES_ANY: lambda actual, wanted: not wanted.isdisjoint(actual),
    Op.INCLUDES_ALL: lambda actual, wanted: wanted.issubset(actual),
    Op.IS_EMPTY: lambda actual, wanted: (actual is None or actual == ()) is wanted,
}
