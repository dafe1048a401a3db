"""Reading a written filter. Every problem is named, in words and with its place."""

import re
from dataclasses import dataclass
from typing import Any

from stakeholders.rules.filters import FACTS, KNOWN_WORDS, AllOf, AnyOf, Filter, Not, Test, ops_of
from stakeholders.rules.languages import is_language

DEEPEST = 6
MOST_TESTS = 100
MOST_VALUES = 50
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# What catalogue.Component.key holds: a Django slug.
_KEY = re.compile(r"[-a-zA-Z0-9_]+")
_NOTHING = AllOf(())


@dataclass(frozen=True)
class Problem:
    """One mistake with its cure. `part` is its path in the written form, for instance `filter.0.not`."""

    part: str
    text: str


class InvalidFilter(ValueError):
    """What was written is no filter; `problems` are all that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(" ".join(problem.text for problem in problems))


def read_filter(data: Any) -> Filter:
    """The filter. Raises `InvalidFilter` with every problem found, not only the first."""
    reading = _Reading()
    condition = reading.read(data, "filter", 1)
    if reading.tests > MOST_TESTS:
        reading.say("filter", f"A filter makes at most {MOST_TESTS} tests; this one makes {reading.tests}.")
    if reading.problems:
        raise InvalidFilter(reading.problems)
    return condition


class _Reading:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.tests = 0

    def say(self, part: str, text: str) -> Filter:
        self.problems.append(Problem(part, text))
        return _NOTHING

    def read(self, data: Any, part: str, depth: int) -> Filter:
        if depth > DEEPEST:
            return self.say(part, f"Conditions may be nested {DEEPEST} deep: say it with fewer groups.")
        if not isinstance(data, dict):
            return self.say(part, "A condition is an object: all, any, not, or fact with op and value.")
        if set(data) == {"not"}:
            return Not(self.read(data["not"], f"{part}.not", depth + 1))
        if set(data) == {"all"} or set(data) == {"any"}:
            ((name, items),) = data.items()
            if not isinstance(items, list) or not 0 < len(items) <= MOST_TESTS:
                return self.say(
                    part, f"Name at least one condition here, and at most {MOST_TESTS}: an empty one would be everybody or nobody."
                )
            parts = tuple(self.read(item, f"{part}.{number}", depth + 1) for number, item in enumerate(items))
            return AllOf(parts) if name == "all" else AnyOf(parts)
        return self._test(data, part)

    def _test(self, data: dict[Any, Any], part: str) -> Filter:
        self.tests += 1
        if set(data) != {"fact", "op", "value"}:
            return self.say(part, "A condition has exactly the parts fact, op and value; or it is all, any or not.")
        fact, op, value = data["fact"], data["op"], data["value"]
        if not isinstance(fact, str) or fact not in FACTS:
            return self.say(part, f"There is no fact “{str(fact)[:64]}”; a filter asks for {', '.join(FACTS)}.")
        if not isinstance(op, str) or op not in ops_of(fact):
            return self.say(part, f"{fact.capitalize()} cannot be tested by “{str(op)[:64]}”: use {', '.join(ops_of(fact))}.")
        problem = _value_problem(fact, op, value)
        if problem:
            return self.say(part, problem)
        return Test(fact, op, value if isinstance(value, bool) else tuple(dict.fromkeys(value)))


def _value_problem(fact: str, op: str, value: Any) -> str:
    name = fact.capitalize()
    if op == "is_empty":
        return "" if isinstance(value, bool) else f"{name}: say true or false."
    if not isinstance(value, list) or not 0 < len(value) <= MOST_VALUES:
        return f"{name}: name one to {MOST_VALUES} of {words_of(fact)}."
    wrong = [word for word in value if not _is_word(fact, word)]
    return f"{name}: “{str(wrong[0])[:64]}” is none of {words_of(fact)}." if wrong else ""


def words_of(fact: str) -> str:
    """What may be asked of a fact, as the end of a sentence."""
    if fact in KNOWN_WORDS:
        return ", ".join(KNOWN_WORDS[fact])
    return {
        "region": "the regions of the register, in lower-case letters, digits and hyphens, for instance eu-west",
        "language": "the language tags, for instance en or pt-BR",
        "component": "the keys of components",
        "tag": "the tags of the register, in lower-case letters, digits and hyphens",
    }[fact]


def _is_word(fact: str, word: Any) -> bool:
    if not isinstance(word, str) or len(word) > 64:
        return False
    if fact in KNOWN_WORDS:
        return word in KNOWN_WORDS[fact]
    if fact == "language":
        return is_language(word)
    return (_KEY if fact == "component" else _SLUG).fullmatch(word) is not None
