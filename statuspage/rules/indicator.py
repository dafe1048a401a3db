"""The overall status in one indicator and one sentence.

The words and the way components add up are Statuspage's ("Top-level status and incident impact calculations",
support.atlassian.com). Where components say that all is well and an open incident says otherwise, the incident counts;
of two equally grave answers the components' is the more exact.
"""

from collections.abc import Sequence

from catalogue.rules.status import ComponentStatus
from incidents.rules.words import Impact
from statuspage.rules.public_view import Indicator

Overall = tuple[Indicator, str]

ALL_WELL: Overall = (Indicator.NONE, "All Systems Operational")
_MAINTENANCE: Overall = (Indicator.MAINTENANCE, "Service Under Maintenance")
_DEGRADED: Overall = (Indicator.MINOR, "Partially Degraded Service")
_MINOR: Overall = (Indicator.MINOR, "Minor Service Outage")
_PARTIAL: Overall = (Indicator.MAJOR, "Partial System Outage")
_MAJOR: Overall = (Indicator.CRITICAL, "Major Service Outage")

_OF_IMPACT = {Impact.NONE: ALL_WELL, Impact.MINOR: _MINOR, Impact.MAJOR: _PARTIAL, Impact.CRITICAL: _MAJOR}
_GRAVITY = (Indicator.NONE, Indicator.MAINTENANCE, Indicator.MINOR, Indicator.MAJOR, Indicator.CRITICAL)


def overall(components: Sequence[ComponentStatus], impacts: Sequence[str]) -> Overall:
    """Indicator and description for all public components and the impacts of the open incidents."""
    answers = [_of_components(components), *(_OF_IMPACT[Impact(impact)] for impact in impacts)]
    return max(answers, key=lambda answer: _GRAVITY.index(answer[0]))


def _of_components(components: Sequence[ComponentStatus]) -> Overall:
    if not components:
        return ALL_WELL
    statuses = set(components)
    if ComponentStatus.MAJOR_OUTAGE in statuses:
        return _MAJOR if statuses == {ComponentStatus.MAJOR_OUTAGE} else _PARTIAL
    if ComponentStatus.PARTIAL_OUTAGE in statuses:
        return _PARTIAL if statuses == {ComponentStatus.PARTIAL_OUTAGE} else _MINOR
    if ComponentStatus.DEGRADED_PERFORMANCE in statuses:
        return _DEGRADED
    return _MAINTENANCE if ComponentStatus.UNDER_MAINTENANCE in statuses else ALL_WELL
