"""Who is served first."""

from notifications.rules.states import Lane


def lane_of(*, stakeholder_kind: str, audience_is_internal: bool) -> Lane:
    """Regulators first, internal bulk last, everyone else with the subscribers."""
    if stakeholder_kind == "regulator":
        return Lane.FIRST
    return Lane.INTERNAL if audience_is_internal else Lane.SUBSCRIBERS
