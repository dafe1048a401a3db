"""The written form of a policy: a JSON list of rules, read top to bottom, of which the last has no condition.

`[{"key": "sev1", "words": "…", "when": {"severity": ["SEV1"], "customer_facing": true},`
` "then": {"outcome": "required", "cadence": {"investigating": 15}, "audiences": ["customers"],`
` "reviews": [{"kind": "technical", "window_minutes": 15}], "publishes_watching": false}}, …]`

`when` may name any fact: several words mean "one of these", several facts mean "all of these". Cadence and windows are
whole minutes.
"""

import re
from dataclasses import dataclass
from typing import Any

from policies.rules.decision import ALWAYS_REVIEWED, Outcome, ReviewKind, ReviewRequirement
from policies.rules.facts import KNOWN_WORDS, YES_OR_NO, Facts

WEEK_IN_MINUTES = 7 * 24 * 60
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_RULE_PARTS = frozenset({"key", "words", "when", "then"})
_THEN_PARTS = frozenset({"outcome", "cadence", "reviews", "audiences", "publishes_watching"})


class InvalidDocument(ValueError):
    """The list is not a policy. `problems` are sentences, each naming the rule and the cure."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Condition:
    """What must hold: for every fact named, its value is one of those listed. Nothing named: always."""

    allowed: tuple[tuple[str, tuple[str | bool, ...]], ...] = ()

    def holds(self, facts: Facts) -> bool:
        """Whether the facts meet it."""
        return all(getattr(facts, name) in values for name, values in self.allowed)


@dataclass(frozen=True)
class Rule:
    """One line of the policy. `words` is the rule as people read it."""

    key: str
    words: str
    when: Condition
    outcome: Outcome
    cadence: tuple[tuple[str, int], ...]
    reviews: tuple[ReviewRequirement, ...]
    audiences: tuple[str, ...]
    publishes_watching: bool


@dataclass(frozen=True)
class Document:
    """Rules in order, and the one that applies when none of them does."""

    rules: tuple[Rule, ...]
    otherwise: Rule


def parse(data: Any) -> Document:
    """Reads a JSON rule list. Raises `InvalidDocument` with every problem found, not only the first."""
    if not isinstance(data, list) or not data:
        raise InvalidDocument(["A policy is a list of at least one rule."])
    problems: list[str] = []
    rules = [rule for number, item in enumerate(data, start=1) if (rule := _rule(item, f"Rule {number}", problems)) is not None]
    if not problems:
        problems += _order_problems(rules)
    if problems:
        raise InvalidDocument(problems)
    return Document(tuple(rules[:-1]), rules[-1])


def _order_problems(rules: list[Rule]) -> list[str]:
    problems = []
    seen: set[str] = set()
    for rule in rules:
        if rule.key in seen:
            problems.append(f"The key “{rule.key}” is used twice: give each rule its own.")
        seen.add(rule.key)
    problems += [
        f"Rule “{rule.key}” has no condition, so nothing after it is ever read: move it to the end."
        for rule in rules[:-1]
        if not rule.when.allowed
    ]
    if rules[-1].when.allowed:
        problems.append("The last rule must have no condition, so that every incident gets a decision.")
    return problems


def _rule(item: Any, where: str, problems: list[str]) -> Rule | None:
    found = len(problems)
    if not isinstance(item, dict) or set(item) != _RULE_PARTS:
        problems.append(f"{where} must have exactly the parts key, words, when and then.")
        return None
    key, words, then = item["key"], item["words"], item["then"]
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        problems.append(f"{where}: the key must be 1 to 64 lower-case letters, digits, hyphens or underscores.")
    if not isinstance(words, str) or not words.strip() or len(words) > 300:
        problems.append(f"{where}: words must say the rule in 1 to 300 characters.")
    when = _condition(item["when"], where, problems)
    if not isinstance(then, dict) or set(then) != _THEN_PARTS:
        problems.append(f"{where}: then must have exactly the parts {', '.join(sorted(_THEN_PARTS))}.")
        return None
    outcome = then["outcome"]
    if not isinstance(outcome, str) or outcome not in set(Outcome):
        problems.append(f"{where}: the outcome must be required, optional or none.")
    cadence = _cadence(then["cadence"], where, problems)
    reviews = _reviews(then["reviews"], where, problems)
    audiences = _audiences(then["audiences"], where, problems)
    if not isinstance(then["publishes_watching"], bool):
        problems.append(f"{where}: publishes_watching must be true or false.")
    if len(problems) > found:
        return None
    return Rule(key, words, when, Outcome(outcome), cadence, reviews, audiences, then["publishes_watching"])


def _condition(data: Any, where: str, problems: list[str]) -> Condition:
    if not isinstance(data, dict):
        problems.append(f"{where}: when must be an object of facts.")
        return Condition()
    allowed: list[tuple[str, tuple[str | bool, ...]]] = []
    for name, value in data.items():
        if name in YES_OR_NO:
            if not isinstance(value, bool):
                problems.append(f"{where}: {name} must be true or false.")
            allowed.append((name, (value,)))
        elif name not in KNOWN_WORDS:
            problems.append(f"{where}: there is no fact “{name}”. Facts are {', '.join([*KNOWN_WORDS, *YES_OR_NO])}.")
        elif not isinstance(value, list) or not value or any(word not in KNOWN_WORDS[name] for word in value):
            problems.append(f"{where}: {name} must list one or more of {', '.join(KNOWN_WORDS[name])}.")
        else:
            allowed.append((name, tuple(value)))
    return Condition(tuple(allowed))


def _minutes(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= WEEK_IN_MINUTES


def _cadence(data: Any, where: str, problems: list[str]) -> tuple[tuple[str, int], ...]:
    promising = [status for status in KNOWN_WORDS["status"] if status != "resolved"]
    if not isinstance(data, dict) or not all(status in promising and _minutes(minutes) for status, minutes in data.items()):
        problems.append(f"{where}: cadence gives whole minutes (1 to {WEEK_IN_MINUTES}) for any of {', '.join(promising)}.")
        return ()
    return tuple(data.items())


def _reviews(data: Any, where: str, problems: list[str]) -> tuple[ReviewRequirement, ...]:
    kinds = [kind.value for kind in ReviewKind]
    usable = isinstance(data, list) and all(
        isinstance(item, dict) and set(item) == {"kind", "window_minutes"} and item["kind"] in kinds and _minutes(item["window_minutes"])
        for item in data
    )
    given = [item["kind"] for item in data] if usable else []
    if len(set(given)) != len(given) or not set(given) >= set(ALWAYS_REVIEWED):
        problems.append(
            f"{where}: reviews must give each of technical, communications once and may add legal and public_relations, "
            "with window_minutes in whole minutes."
        )
        return ()
    return tuple(ReviewRequirement(ReviewKind(item["kind"]), item["window_minutes"]) for item in data)


def _audiences(data: Any, where: str, problems: list[str]) -> tuple[str, ...]:
    usable = isinstance(data, list) and all(isinstance(key, str) and _KEY.fullmatch(key) for key in data)
    if not usable or len(set(data)) != len(data):
        problems.append(f"{where}: audiences must list the keys of audiences, each once.")
        return ()
    return tuple(data)
