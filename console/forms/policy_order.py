"""The order of a policy's rules. The last one, which takes everything else, stays last."""

from collections.abc import Mapping, Sequence
from typing import Any

Rules = Sequence[Mapping[str, Any]]


def moved(rules: Rules, key: str, by: int) -> list[Mapping[str, Any]]:
    """The rule one place up (-1) or down (1), as far as it goes."""
    order = list(rules)
    place = next((number for number, rule in enumerate(order[:-1]) if rule["key"] == key), None)
    if place is not None and 0 <= place + by < len(order) - 1:
        order[place], order[place + by] = order[place + by], order[place]
    return order


def without(rules: Rules, key: str) -> list[Mapping[str, Any]]:
    """The rules but this one; never without the last."""
    return [rule for rule in rules[:-1] if rule["key"] != key] + [rules[-1]]


def placed(rules: Rules, old_key: str | None, rule: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rules with this one in place of the one called `old_key`; a new one comes before the last."""
    order = list(rules)
    place = next((number for number, other in enumerate(order) if other["key"] == old_key), None)
    if place is None:
        order.insert(len(order) - 1, rule)
    else:
        order[place] = rule
    return order


def position_of(rules: Rules, key: str | None) -> int:
    """Where the rule stands, counted from 1; a new one would stand before the last."""
    return next((number for number, rule in enumerate(rules, start=1) if rule["key"] == key), len(rules))
