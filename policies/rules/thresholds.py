"""When time alone could change what a policy decides.

As an incident grows older its `elapsed_minutes` rise, and where a resolution is expected its `expected_minutes` fall as fast, down
to nought. Every other fact is changed by people, who make the policy decide again.
"""

from collections.abc import Iterator

from policies.rules.conditions import Comparison, Op, comparisons, holds, truth
from policies.rules.document import Document, Rule
from policies.rules.facts import NUMBERS, Facts


def reconsider_after(document: Document, decided: Rule, facts: Facts) -> int | None:
    """The lowest age in minutes, above the present one, at which another rule could match or the long-incident cadence begins.

    `decided` is the rule that decides now. Sound, not always tight: nothing changes before it. `None` when nothing can.
    """

    def known(comparison: Comparison) -> bool | None:
        return None if comparison.fact in NUMBERS else holds(comparison, getattr(facts, comparison.fact))

    ages: list[int] = []
    reached = False
    for rule in document.all_rules:
        reached = reached or rule is decided
        if not rule.timed and not reached:
            # It does not hold now, and time alone will not change that.
            continue
        settled = truth(rule.when, known) if rule.timed else rule is decided or rule.holds(facts)
        if settled is False:
            continue
        ages += _long_from(rule)
        if settled is True:
            break
        ages += (age for comparison in comparisons(rule.when) for age in _changes(comparison, facts))
    return min((age for age in ages if age > facts.elapsed_minutes), default=None)


def _long_from(rule: Rule) -> list[int]:
    return [rule.then.long_incident.after_minutes] if rule.then.long_incident else []


def _changes(comparison: Comparison, facts: Facts) -> Iterator[int]:
    """The ages at which the comparison may begin or cease to hold."""
    value = comparison.value
    if comparison.fact not in NUMBERS or comparison.op is Op.IS_EMPTY or not isinstance(value, int):
        return
    if comparison.fact == "elapsed_minutes":
        yield from (value, value + 1)
    elif facts.expected_minutes is not None:
        resolved_at = facts.elapsed_minutes + facts.expected_minutes
        yield from (resolved_at - value, resolved_at - value + 1)


def later(facts: Facts, minutes: int) -> Facts:
    """The same facts, so many minutes later, when nobody has changed anything."""
    expected = facts.expected_minutes
    return Facts.from_json(
        facts.as_json()
        | {
            "elapsed_minutes": facts.elapsed_minutes + minutes,
            "expected_minutes": None if expected is None else max(0, expected - minutes),
        }
    )
