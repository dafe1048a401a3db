"""The overall status: what components and incidents add up to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.rules.status import ComponentStatus as C
from incidents.rules.words import Impact
from statuspage.rules.indicator import overall
from statuspage.rules.public_view import Indicator


@pytest.mark.parametrize(
    ("components", "impacts", "expected"),
    [
        ([], [], ("none", "All Systems Operational")),
        ([C.OPERATIONAL, C.OPERATIONAL], [], ("none", "All Systems Operational")),
        ([C.OPERATIONAL, C.UNDER_MAINTENANCE], [], ("maintenance", "Service Under Maintenance")),
        ([C.OPERATIONAL, C.DEGRADED_PERFORMANCE], [], ("minor", "Partially Degraded Service")),
        ([C.UNDER_MAINTENANCE, C.DEGRADED_PERFORMANCE], [], ("minor", "Partially Degraded Service")),
        ([C.OPERATIONAL, C.PARTIAL_OUTAGE], [], ("minor", "Minor Service Outage")),
        ([C.PARTIAL_OUTAGE, C.PARTIAL_OUTAGE], [], ("major", "Partial System Outage")),
        ([C.OPERATIONAL, C.MAJOR_OUTAGE], [], ("major", "Partial System Outage")),
        ([C.MAJOR_OUTAGE], [], ("critical", "Major Service Outage")),
        # An incident counts where the components say less.
        ([], ["minor"], ("minor", "Minor Service Outage")),
        ([C.OPERATIONAL], ["none"], ("none", "All Systems Operational")),
        ([C.DEGRADED_PERFORMANCE, C.OPERATIONAL], ["critical", "minor"], ("critical", "Major Service Outage")),
        ([C.UNDER_MAINTENANCE], ["minor"], ("minor", "Minor Service Outage")),
        # Equally grave: the components are the more exact.
        ([C.DEGRADED_PERFORMANCE, C.OPERATIONAL], ["minor"], ("minor", "Partially Degraded Service")),
    ],
)
def test_components_and_incidents_add_up(components: list[C], impacts: list[str], expected: tuple[str, str]) -> None:
    indicator, description = overall(components, impacts)
    assert (indicator.value, description) == expected


@given(st.lists(st.sampled_from(C), max_size=6), st.lists(st.sampled_from(Impact), max_size=3), st.sampled_from(Impact))
def test_one_more_incident_never_makes_the_page_look_better(components: list[C], impacts: list[Impact], more: Impact) -> None:
    order = [Indicator.NONE, Indicator.MAINTENANCE, Indicator.MINOR, Indicator.MAJOR, Indicator.CRITICAL]
    assert order.index(overall(components, [*impacts, more])[0]) >= order.index(overall(components, impacts)[0])


@given(st.lists(st.sampled_from(C), max_size=6), st.lists(st.sampled_from(Impact), max_size=3))
def test_all_well_is_said_only_when_all_is_well(components: list[C], impacts: list[Impact]) -> None:
    says_so = overall(components, impacts)[1] == "All Systems Operational"
    assert says_so == (set(components) <= {C.OPERATIONAL} and set(impacts) <= {Impact.NONE})
