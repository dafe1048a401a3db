"""How urgent it is that people hear of an incident. With the audience it chooses the channels (the routing matrix)."""

from enum import StrEnum

from policies.rules.facts import Facts


class Urgency(StrEnum):
    """The most urgent first."""

    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


_BY_SEVERITY = {"SEV1": Urgency.CRITICAL, "SEV2": Urgency.HIGH, "SEV3": Urgency.NORMAL, "SEV4": Urgency.LOW}
_BY_IMPACT = {"critical": Urgency.CRITICAL, "major": Urgency.HIGH, "minor": Urgency.NORMAL, "none": Urgency.LOW}
_ORDER = tuple(Urgency)


def urgency_of(facts: Facts) -> Urgency:
    """What the facts come to where the rule names no urgency of its own: the most urgent that severity or impact asks for.

    What touches the law (a regulatory flag, a data breach, a regulated system) is high at least: duties to report run from it.
    """
    found = [_BY_SEVERITY.get(facts.severity, Urgency.NORMAL), _BY_IMPACT.get(facts.impact, Urgency.NORMAL)]
    if facts.regulatory_flags or facts.data_breach or facts.regulated_system:
        found.append(Urgency.HIGH)
    return min(found, key=_ORDER.index)


def why_so_urgent(facts: Facts) -> str:
    """What of the facts makes it as urgent as `urgency_of` says, for instance *SEV2 and major impact*."""
    urgency = urgency_of(facts)
    reasons = []
    if _BY_SEVERITY.get(facts.severity) is urgency:
        reasons.append(facts.severity)
    if _BY_IMPACT.get(facts.impact) is urgency:
        reasons.append("no impact" if facts.impact == "none" else f"{facts.impact} impact")
    if urgency is Urgency.HIGH and (facts.regulatory_flags or facts.data_breach or facts.regulated_system):
        reasons.append("what the law asks for")
    return " and ".join(filter(None, [", ".join(reasons[:-1]), *reasons[-1:]]))
