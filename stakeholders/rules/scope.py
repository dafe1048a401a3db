"""What an audience is told about at all. Outside its scope it receives nothing, whoever writes to it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """`components` are keys; empty means every component. An incident without components is outside a scope that names some."""

    customer_facing_only: bool = False
    components: frozenset[str] = frozenset()


def all_outside(bound: Mapping[str, Scope], *, customer_facing: bool, components: frozenset[str]) -> dict[str, str]:
    """Of the audiences bound so, those that such an incident is not for, each with the reason."""
    reasons = {key: why_outside(scope, customer_facing=customer_facing, components=components) for key, scope in bound.items()}
    return {key: why for key, why in reasons.items() if why}


def why_outside(scope: Scope, *, customer_facing: bool, components: frozenset[str]) -> str:
    """Why an incident that affects these components is not for the audience, as the end of a sentence; empty when it is."""
    if scope.customer_facing_only and not customer_facing:
        return "is told only of incidents that customers notice, and this one is not marked as such"
    if scope.components and not scope.components & components:
        return f"is told only of {', '.join(sorted(scope.components))}, none of which this incident affects"
    return ""
