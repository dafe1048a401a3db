"""How much of the service is out, as the states of the affected components show it."""

from collections.abc import Iterable

from catalogue.rules.status import ComponentStatus
from incidents.rules.words import OutageScope

_OUT = frozenset({ComponentStatus.PARTIAL_OUTAGE, ComponentStatus.MAJOR_OUTAGE})


def derived_scope(statuses: Iterable[str]) -> OutageScope:
    """Full where every component is in major outage, partial where any is out; slow or under maintenance is not out.

    Without components nothing is known to be out.
    """
    states = [ComponentStatus(status) for status in statuses]
    if states and all(state is ComponentStatus.MAJOR_OUTAGE for state in states):
        return OutageScope.FULL
    return OutageScope.PARTIAL if any(state in _OUT for state in states) else OutageScope.NONE
