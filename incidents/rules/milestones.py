"""What each milestone means, and the draft that it calls for."""

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
