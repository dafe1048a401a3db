"""Milestones that nobody recorded, from what is known otherwise."""

from datetime import timedelta

from incidents.rules.milestones import from_facts
from incidents.rules.words import MilestoneKind, Status
from tests.support.cast import NOW

LATER = NOW + timedelta(minutes=10)


def test_the_first_release_of_a_status_counts() -> None:
    said = [(Status.MONITORING, LATER), (Status.IDENTIFIED, LATER), (Status.IDENTIFIED, NOW), (Status.INVESTIGATING, NOW)]
    assert from_facts(opened_at=NOW, confirmed_at=None, taken_at=LATER, said=said) == {
        MilestoneKind.DETECTED: NOW,
        MilestoneKind.ACKNOWLEDGED: LATER,
        MilestoneKind.CAUSE_FOUND: NOW,
        MilestoneKind.MITIGATED: LATER,
    }
