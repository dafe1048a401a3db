"""What a first draft says of a component; people change it where it is wrong."""

from catalogue.rules.status import SEVERITY_ORDER, ComponentStatus
from incidents.rules.words import Impact, Status

BY_IMPACT: dict[Impact, ComponentStatus] = {
    Impact.NONE: ComponentStatus.OPERATIONAL,
    Impact.MINOR: ComponentStatus.DEGRADED_PERFORMANCE,
    Impact.MAJOR: ComponentStatus.PARTIAL_OUTAGE,
    Impact.CRITICAL: ComponentStatus.MAJOR_OUTAGE,
}


def proposed(*, status: Status, impact: Impact, shown: ComponentStatus) -> ComponentStatus:
    """Operational once resolved; until then what the impact suggests, but never better than what is `shown` now."""
    if status is Status.RESOLVED:
        return ComponentStatus.OPERATIONAL
    return max(BY_IMPACT[impact], shown, key=SEVERITY_ORDER.index)
