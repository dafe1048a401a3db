"""Why a rule decided, and why those before it did not."""

from dataclasses import dataclass
from typing import Any

from policies.rules.conditions import AnyOf, Comparison, Condition, Not, Op, holds, truth
from policies.rules.document import Document, Rule
from policies.rules.explain import comparison_in_words, condition_in_words, fact_name, joined, span
from policies.rules.facts import NUMBERS, YES_OR_NO, Facts


@dataclass(frozen=True)
class Step:
    """One rule on the way down: whether it decided, and the reasons why not."""

    rule: Rule
    decided: bool
    reasons: tuple[str, ...]


def steps(document: Document, facts: Facts) -> list[Step]:
    """Every rule down to the one that decides."""
    walked = []
    for rule in document.all_rules:
        decided = rule is document.otherwise or rule.holds(facts)
        walked.append(Step(rule, decided, () if decided else tuple(why_not(rule.when, facts))))
        if decided:
            break
    return walked


def why_not(condition: Condition, facts: Facts) -> list[str]:
    """The parts of the condition that the facts fail, each with what is the case instead. Empty when it holds."""
    if _holds(condition, facts):
        return []
    if isinstance(condition, Comparison):
        return [f"it asks that {comparison_in_words(condition)}; here {value_in_words(condition.fact, getattr(facts, condition.fact))}"]
    if isinstance(condition, Not):
        return [f"it must not be that {condition_in_words(condition.part)}; here it is"]
    if isinstance(condition, AnyOf) and len(condition.parts) > 1:
        return ["none of these holds: " + "; ".join(condition_in_words(part) for part in condition.parts)]
    return [reason for part in condition.parts for reason in why_not(part, facts)]


def value_in_words(fact: str, value: Any) -> str:
    """What a fact says, for instance *severity is SEV3*."""
    if fact in NUMBERS:
        return f"{fact_name(fact.removesuffix('_minutes'))} time is {'unknown' if value is None else span(value)}"
    if fact in YES_OR_NO:
        return comparison_in_words(Comparison(fact, Op.IS, value))
    if isinstance(value, tuple):
        return f"{fact_name(fact)}: {joined(value, 'and') if value else 'none'}"
    return f"{fact_name(fact)} is {str(value).replace('_', ' ')}"


def _holds(condition: Condition, facts: Facts) -> bool:
    return bool(truth(condition, lambda comparison: holds(comparison, getattr(facts, comparison.fact))))
