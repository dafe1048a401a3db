"""The written form of a policy: a JSON list of rules, read top to bottom, of which the last has no condition.

`[{"key": "sev1", "words": "…", "when": {"severity": ["SEV1"], "customer_facing": true},`
` "then": {"outcome": "required", "cadence": {"investigating": 15}, "audiences": ["customers"],`
` "reviews": [{"kind": "technical", "window_minutes": 15}, …], "publishes_watching": false}}, …]`

`when` is a tree (`{"all": […]}`, `{"any": […]}`, `{"not": …}`, `{"fact": …, "op": …, "value": …}`) or the shorthand above, in which
several words mean "one of these" and several facts mean "all of these". `schema.py` describes the whole.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from policies.rules.conditions import Condition, as_json, comparisons, compiled
from policies.rules.decision import Consequences
from policies.rules.facts import NUMBERS, Facts
from policies.rules.problems import Found, InvalidDocument, Problem
from policies.rules.reading_conditions import KEY, MOST_COMPARISONS, read_condition
from policies.rules.reading_consequences import read_consequences

__all__ = ["MOST_RULES", "Document", "InvalidDocument", "Rule", "parse", "read_rule"]

MOST_RULES = 500
LONGEST_WORDS = 300
_RULE_PARTS = frozenset({"key", "words", "when", "then"})


@dataclass(frozen=True)
class Rule:
    """One line of the policy. `words` is the rule as people read it."""

    key: str
    words: str
    when: Condition
    then: Consequences
    holds: Callable[[Facts], bool] = field(init=False, repr=False, compare=False)
    # Whether it reads a fact that the clock alone changes.
    timed: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "holds", compiled(self.when))
        object.__setattr__(self, "timed", any(comparison.fact in NUMBERS for comparison in comparisons(self.when)))

    def as_json(self) -> dict[str, Any]:
        """The written form, every part of it spelled out."""
        return {"key": self.key, "words": self.words, "when": as_json(self.when), "then": self.then.as_json()}


@dataclass(frozen=True)
class Document:
    """Rules in order, and the one that applies when none of them does."""

    rules: tuple[Rule, ...]
    otherwise: Rule

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """Every rule, the last included."""
        return (*self.rules, self.otherwise)

    def as_json(self) -> list[dict[str, Any]]:
        """The written form; parsing it again gives an equal document."""
        return [rule.as_json() for rule in self.all_rules]


def parse(data: Any) -> Document:
    """Reads a JSON rule list. Raises `InvalidDocument` with every problem found, not only the first."""
    if not isinstance(data, list) or not 0 < len(data) <= MOST_RULES:
        raise InvalidDocument([Problem(0, "", "", f"A policy is a list of at least one rule and at most {MOST_RULES}.")])
    problems: list[Problem] = []
    rules = [rule for position, item in enumerate(data, start=1) if (rule := read_rule(item, position, problems)) is not None]
    problems += _order_problems(data)
    if problems:
        raise InvalidDocument(sorted(problems, key=lambda problem: problem.position or MOST_RULES + 1))
    return Document(tuple(rules[:-1]), rules[-1])


def read_rule(item: Any, position: int, problems: list[Problem]) -> Rule | None:
    """One rule, or `None` with its problems added; `position` counts from 1."""
    given = item.get("key") if isinstance(item, dict) else None
    has_key = isinstance(given, str) and KEY.fullmatch(given) is not None
    found = Found(position, str(given) if has_key else "")
    rule = _read(item, found, has_key=has_key)
    problems += found.problems
    return None if found.problems else rule


def _read(item: Any, found: Found, *, has_key: bool) -> Rule | None:
    if not isinstance(item, dict) or set(item) != _RULE_PARTS:
        found.add("", "a rule must have exactly the parts key, words, when and then.")
        return None
    if not has_key:
        found.add("key", "the key must be 1 to 64 lower-case letters, digits, hyphens or underscores.")
    words = item["words"]
    if not isinstance(words, str) or not words.strip() or len(words) > LONGEST_WORDS or "\x00" in words:
        found.add("words", f"words must say the rule in 1 to {LONGEST_WORDS} characters.")
    when = read_condition(item["when"], found)
    if sum(1 for _ in comparisons(when)) > MOST_COMPARISONS:
        found.add("when", f"a rule may make {MOST_COMPARISONS} comparisons: split it in two.")
    then = read_consequences(item["then"], found)
    return None if then is None or found.problems else Rule(item["key"], words, when, then)


def _order_problems(data: list[Any]) -> Iterable[Problem]:
    """What is wrong between rules: told beside what is wrong inside them."""
    seen: dict[str, int] = {}
    for position, item in enumerate(data, start=1):
        key = item.get("key") if isinstance(item, dict) else None
        if not isinstance(key, str) or not KEY.fullmatch(key):
            key = ""
        if key and key in seen:
            yield Problem(position, key, "key", f"the key “{key}” is used twice (rule {seen[key]} has it): give each rule its own.")
        seen.setdefault(key, position)
        is_last = position == len(data)
        always = isinstance(item, dict) and item.get("when") in ({}, {"all": []})
        if always and not is_last:
            yield Problem(position, key, "when", "has no condition, so nothing after it is ever read: move it to the end.")
        elif not always and is_last:
            yield Problem(position, key, "when", "the last rule must have no condition, so that every incident gets a decision.")
