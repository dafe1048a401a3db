"""Reading `when`: a tree of *all*, *any*, *not* and comparisons, or the shorthand `{"severity": ["SEV1"], "restricted": false}`."""

import re
from typing import Any

from policies.rules.conditions import ALWAYS, FACT_NAMES, AllOf, AnyOf, Comparison, Condition, Not, Op, ops_of
from policies.rules.facts import KNOWN_WORDS, LISTS, NUMBERS, YES_OR_NO
from policies.rules.problems import Found

DEEPEST = 6
MOST_COMPARISONS = 100
MOST_VALUES = 50
MOST_MINUTES = 366 * 24 * 60
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
# ISO 3166-1 alpha-2, or 3166-2.
JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_SEVERAL = frozenset({Op.IN, Op.NOT_IN, Op.INCLUDES_ANY, Op.INCLUDES_ALL})


def read_condition(data: Any, found: Found, part: str = "when", depth: int = 1) -> Condition:
    """The condition; whatever is wrong with it is added to `found`, and then the result means nothing."""
    if not isinstance(data, dict):
        found.add(part, "when must be an object: a comparison, all, any, not, or facts with their values.")
        return ALWAYS
    if depth > DEEPEST:
        found.add(part, f"conditions may be nested {DEEPEST} deep: split the rule in two.")
        return ALWAYS
    if set(data) == {"not"}:
        return Not(read_condition(data["not"], found, f"{part}.not", depth + 1))
    if set(data) == {"all"} or set(data) == {"any"}:
        (name,) = data
        return _group(name, data[name], found, part, depth)
    if "fact" in data or "op" in data:
        return _comparison(data, found, part)
    return _shorthand(data, found, part)


def _group(name: str, items: Any, found: Found, part: str, depth: int) -> Condition:
    if not isinstance(items, list) or len(items) > MOST_COMPARISONS or (name == "any" and not items):
        found.add(part, f"{name} must list {'one' if name == 'any' else '0'} to {MOST_COMPARISONS} conditions.")
        return ALWAYS
    parts = tuple(read_condition(item, found, f"{part}.{number}", depth + 1) for number, item in enumerate(items))
    return AnyOf(parts) if name == "any" else AllOf(parts)


def _shorthand(data: dict[Any, Any], found: Found, part: str) -> Condition:
    """Several words mean "one of these", several facts mean "all of these"."""
    parts: list[Condition] = []
    for name, value in data.items():
        place = f"{part}.{name}"
        if name not in FACT_NAMES:
            found.add(place, f"there is no fact “{name}”. Facts are {', '.join(FACT_NAMES)}.")
            continue
        op = Op.IS if name in YES_OR_NO or name in NUMBERS else Op.INCLUDES_ANY if name in LISTS else Op.IN
        if (sentence := _value_problem(name, op, value)) is not None:
            found.add(place, sentence)
        else:
            parts.append(Comparison(name, op, tuple(value) if isinstance(value, list) else value))
    return AllOf(tuple(parts))


def _comparison(data: dict[Any, Any], found: Found, part: str) -> Condition:
    if set(data) != {"fact", "op", "value"}:
        found.add(part, "a comparison has exactly the parts fact, op and value.")
        return ALWAYS
    fact, op, value = data["fact"], data["op"], data["value"]
    if not isinstance(fact, str) or fact not in FACT_NAMES:
        found.add(part, f"there is no fact “{fact}”. Facts are {', '.join(FACT_NAMES)}.")
        return ALWAYS
    if not isinstance(op, str) or op not in ops_of(fact):
        found.add(part, f"{fact} cannot be compared by “{op}”: use {', '.join(ops_of(fact))}.")
        return ALWAYS
    if (sentence := _value_problem(fact, Op(op), value)) is not None:
        found.add(part, sentence)
        return ALWAYS
    return Comparison(fact, Op(op), tuple(value) if isinstance(value, list) else value)


def _value_problem(fact: str, op: Op, value: Any) -> str | None:
    if op is Op.IS_EMPTY or fact in YES_OR_NO:
        return None if isinstance(value, bool) else f"{fact} must be true or false."
    if fact in NUMBERS:
        usable = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_MINUTES
        return None if usable else f"{fact} must be whole minutes from 0 to {MOST_MINUTES}."
    if op in _SEVERAL:
        usable = isinstance(value, list) and 0 < len(value) <= MOST_VALUES and all(_is_word(fact, word) for word in value)
        return None if usable else f"{fact} must list one or more of {_words_of(fact)}."
    return None if _is_word(fact, value) else f"{fact} must be one of {_words_of(fact)}."


def _is_word(fact: str, word: Any) -> bool:
    if not isinstance(word, str):
        return False
    if fact in KNOWN_WORDS:
        return word in KNOWN_WORDS[fact]
    return (JURISDICTION if fact == "jurisdictions" else KEY).fullmatch(word) is not None


def _words_of(fact: str) -> str:
    if fact in KNOWN_WORDS:
        return ", ".join(KNOWN_WORDS[fact])
    if fact == "jurisdictions":
        return "ISO 3166 codes such as DE or US-CA (at most 50)"
    return "keys of lower-case letters, digits, hyphens and underscores (at most 50)"
