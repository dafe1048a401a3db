"""The states of a component, in the words of the Statuspage API, ordered by how bad they are."""

from enum import StrEnum


class ComponentStatus(StrEnum):
    """What the public page says of a component."""

    OPERATIONAL = "operational"
    UNDER_MAINTENANCE = "under_maintenance"
    DEGRADED_PERFORMANCE = "degraded_performance"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"


SEVERITY_ORDER = tuple(ComponentStatus)


def worst(statuses: list[ComponentStatus]) -> ComponentStatus:
    """The worst of them; of none, operational."""
    return max(statuses, key=SEVERITY_ORDER.index, default=ComponentStatus.OPERATIONAL)
