"""What each milestone means, and the draft that it calls for."""

from collections.abc import Iterable
from datetime import datetime

from incidents.rules.words import MilestoneKind, Status

IN_WORDS: dict[MilestoneKind, str] = {
    MilestoneKind.DETECTED: "Detected",
    MilestoneKind.ACKNOWLEDGED: "Somebody took it on",
    MilestoneKind.CONFIRMED: "Confirmed that something is wrong",
    MilestoneKind.CAUSE_FOUND: "Cause found",
    MilestoneKind.FIX_STARTED: "Fix started",
    MilestoneKind.MITIGATED: "Fix in place, being watched",
    MilestoneKind.RECOVERED: "Works again",
    MilestoneKind.WORSENED: "Got worse",
}

# The status of the draft that the milestone calls for. The incident's own status moves by releases alone.
DRAFTS: dict[MilestoneKind, Status] = {
    MilestoneKind.CONFIRMED: Status.INVESTIGATING,
    MilestoneKind.CAUSE_FOUND: Status.IDENTIFIED,
    MilestoneKind.FIX_STARTED: Status.IDENTIFIED,
    MilestoneKind.MITIGATED: Status.MONITORING,
    MilestoneKind.RECOVERED: Status.RESOLVED,
    MilestoneKind.WORSENED: Status.INVESTIGATING,
}

# What a released update says by its status.
SAYS: dict[Status, MilestoneKind] = {
    Status.IDENTIFIED: MilestoneKind.CAUSE_FOUND,
    Status.MONITORING: MilestoneKind.MITIGATED,
    Status.RESOLVED: MilestoneKind.RECOVERED,
}


def from_facts(
    *, opened_at: datetime, confirmed_at: datetime | None, taken_at: datetime | None, said: Iterable[tuple[Status, datetime]]
) -> dict[MilestoneKind, datetime]:
    """What the incident's facts say where nobody recorded a milestone.

    `confirmed_at` is since when the stage says confirmed, `taken_at` since when somebody commands it, `said` the statuses released
    and when, in any order: the first of each counts.
    """
    found = {MilestoneKind.DETECTED: opened_at}
    if taken_at is not None:
        found[MilestoneKind.ACKNOWLEDGED] = taken_at
    if confirmed_at is not None:
        found[MilestoneKind.CONFIRMED] = confirmed_at
    for status, at in said:
        if status in SAYS:
            kind = SAYS[status]
            found[kind] = min(at, found.get(kind, at))
    return found
