"""From an alert's labels to an incident's facts: an ordered list of rules, the first that matches decides.

`{"component_label": "service", "rules": [{"key", "when": {label: [value, …]}, "then": {"severity", "stage", "impact",
"category", "customer_facing", "tags"?}}, …]}`; the last rule has an empty `when`, so that every alert is mapped. Tags pick
the template (`templates.rules.mapping`); left out, there are none.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from incidents.rules.words import Category, Impact, Severity, Stage
from templates.rules.keys import TAG

WORDS: dict[str, type[StrEnum]] = {"severity": Severity, "stage": Stage, "impact": Impact, "category": Category}
MOST_RULES = 100
MOST_TAGS = 10

Say = Callable[[str, str], None]


@dataclass(frozen=True)
class Facts:
    """What a new incident is opened with."""

    severity: Severity
    stage: Stage
    impact: Impact
    category: Category
    customer_facing: bool
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """All labels named must have one of the values named."""

    key: str
    when: dict[str, tuple[str, ...]]
    then: Facts

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether this rule applies to an alert with these labels."""
        return all(labels.get(label) in values for label, values in self.when.items())


@dataclass(frozen=True)
class EventMap:
    """A parsed mapping."""

    component_label: str
    rules: tuple[Rule, ...]

    def apply(self, labels: Mapping[str, str]) -> Facts:
        """The facts for these labels; the last rule matches everything."""
        return next(rule.then for rule in self.rules if rule.matches(labels))


def problems(document: object) -> dict[str, list[str]]:
    """Sentences per place at fault, for instance `rules.0.then.severity`; empty when the document can be used."""
    found: dict[str, list[str]] = {}

    def say(place: str, sentence: str) -> None:
        found.setdefault(place, []).append(sentence)

    if not isinstance(document, dict):
        return {"document": ["Give an object with component_label and rules."]}
    for name in sorted(document.keys() - {"component_label", "rules"}):
        say(str(name), "Unknown; a mapping has component_label and rules.")
    if not _is_name(document.get("component_label")):
        say("component_label", "Name the label that holds a component's key, for instance service.")
    rules = document.get("rules")
    if not isinstance(rules, list) or not 1 <= len(rules) <= MOST_RULES:
        say("rules", f"Give 1 to {MOST_RULES} rules; the first that matches decides.")
        return found
    for position, rule in enumerate(rules):
        _check_rule(say, f"rules.{position}", rule)
    if isinstance(rules[-1], dict) and rules[-1].get("when"):
        say(f"rules.{len(rules) - 1}.when", "Leave the last rule's condition empty, so that every alert is mapped.")
    keys = [rule.get("key") for rule in rules if isinstance(rule, dict)]
    if any(keys.count(key) > 1 for key in keys):
        say("rules", "Give each rule a key of its own.")
    return found


def parse(document: Mapping[str, Any]) -> EventMap:
    """A document that has no problems, as a value."""
    return EventMap(
        component_label=document["component_label"],
        rules=tuple(
            Rule(
                key=rule["key"],
                when={label: tuple(values) for label, values in rule["when"].items()},
                then=Facts(
                    severity=Severity(rule["then"]["severity"]),
                    stage=Stage(rule["then"]["stage"]),
                    impact=Impact(rule["then"]["impact"]),
                    category=Category(rule["then"]["category"]),
                    customer_facing=rule["then"]["customer_facing"],
                    tags=tuple(rule["then"].get("tags", ())),
                ),
            )
            for rule in document["rules"]
        ),
    )


def _check_rule(say: Say, place: str, rule: object) -> None:
    if not isinstance(rule, dict) or rule.keys() != {"key", "when", "then"}:
        say(place, "A rule has exactly key, when and then.")
        return
    if not _is_name(rule["key"]):
        say(f"{place}.key", "Give the rule a key of up to 64 printable characters.")
    _check_when(say, f"{place}.when", rule["when"])
    _check_then(say, f"{place}.then", rule["then"])


def _check_when(say: Say, place: str, when: object) -> None:
    if not isinstance(when, dict):
        say(place, "Give an object of labels, each with the list of its values; an empty one matches everything.")
        return
    for label, values in when.items():
        if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
            say(f"{place}.{label}", "Give a list of one or more values, each a text.")


def _check_then(say: Say, place: str, then: object) -> None:
    if not isinstance(then, dict) or then.keys() - {"tags"} != {*WORDS, "customer_facing"}:
        say(place, f"Give exactly {', '.join(WORDS)} and customer_facing, and tags where you want some.")
        return
    tags = then.get("tags", [])
    if not isinstance(tags, list) or len(tags) > MOST_TAGS or not all(isinstance(tag, str) and TAG.fullmatch(tag) for tag in tags):
        say(f"{place}.tags", f"Give up to {MOST_TAGS} tags of small letters, digits, hyphens and underscores.")
    for name, words in WORDS.items():
        if then[name] not in list(words):
            say(f"{place}.{name}", f"Use one of {', '.join(words)}.")
    if not isinstance(then["customer_facing"], bool):
        say(f"{place}.customer_facing", "Give true or false.")


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 64 and value.isprintable()
