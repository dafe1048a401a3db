"""The standard words of incident communication and the moves between them."""

from enum import StrEnum


class Severity(StrEnum):
    """How bad it is for us; internal."""

    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"
    SEV4 = "SEV4"


class Impact(StrEnum):
    """How bad it is for customers; visible to them."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Stage(StrEnum):
    """Whether we know that something is wrong."""

    WATCHING = "watching"
    CONFIRMED = "confirmed"


class Status(StrEnum):
    """Where the incident stands, in the words the public reads."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


class Category(StrEnum):
    """What kind of thing is wrong; picks the template."""

    APPLICATION = "application"
    NETWORK = "network"
    DATABASE = "database"
    SECURITY = "security"
    THIRD_PARTY = "third_party"
    OTHER = "other"


DEFINITIONS: dict[Status, str] = {
    Status.INVESTIGATING: "We know something is wrong and are looking for the cause.",
    Status.IDENTIFIED: "The cause is known and a fix is being made.",
    Status.MONITORING: "A fix is in place; we are watching whether it holds. Mitigated is not resolved.",
    Status.RESOLVED: "The service works as it should again.",
}

STATUS_MOVES: dict[Status, frozenset[Status]] = {
    Status.INVESTIGATING: frozenset(Status),
    Status.IDENTIFIED: frozenset(Status),
    Status.MONITORING: frozenset(Status),
    Status.RESOLVED: frozenset(),
}


def may_move(old: str, new: str) -> bool:
    """Whether an incident in status `old` may be reported as `new`; staying is a move, except once resolved."""
    return Status(new) in STATUS_MOVES[Status(old)]


class OutageScope(StrEnum):
    """How much of the service is out."""

    NONE = "none"
    PARTIAL = "partial"
    FULL = "full"


class UpdateKind(StrEnum):
    """What an update is for. A drill is practice: it can never be released."""

    UPDATE = "update"
    CORRECTION = "correction"
    RETRACTION = "retraction"
    DRILL = "drill"


# Kinds that speak about something already released, which `Update.corrects` names.
CORRECTING = frozenset({UpdateKind.CORRECTION, UpdateKind.RETRACTION})


class Confidence(StrEnum):
    """How sure the engineer is of an expected time."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class MilestoneKind(StrEnum):
    """A turn in the work on an incident."""

    DETECTED = "detected"
    ACKNOWLEDGED = "acknowledged"
    CONFIRMED = "confirmed"
    CAUSE_FOUND = "cause_found"
    FIX_STARTED = "fix_started"
    MITIGATED = "mitigated"
    RECOVERED = "recovered"
    WORSENED = "worsened"


class MilestoneSource(StrEnum):
    """Who or what said that a milestone was reached."""

    PERSON = "person"
    PROGRAM = "program"
    TOOL = "tool"


class PromiseOutcome(StrEnum):
    """What became of a promised update."""

    OPEN = "open"
    KEPT = "kept"
    LATE = "late"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class Step(StrEnum):
    """What the clock of a promise does, in this order."""

    BEFORE = "before"
    DUE = "due"
    AFTER = "after"
    DEPUTY = "deputy"
    MANAGER = "manager"


class UpdateState(StrEnum):
    """Where an update is on its way out."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


UPDATE_MOVES: dict[UpdateState, frozenset[UpdateState]] = {
    UpdateState.DRAFT: frozenset({UpdateState.IN_REVIEW, UpdateState.WITHDRAWN}),
    # Straight from review to released goes an override alone, which the database asks for.
    UpdateState.IN_REVIEW: frozenset({UpdateState.DRAFT, UpdateState.APPROVED, UpdateState.RELEASED, UpdateState.WITHDRAWN}),
    UpdateState.APPROVED: frozenset({UpdateState.DRAFT, UpdateState.RELEASED, UpdateState.WITHDRAWN}),
    UpdateState.RELEASED: frozenset(),
    UpdateState.WITHDRAWN: frozenset(),
}
# Neither released nor withdrawn.
ON_ITS_WAY = (UpdateState.DRAFT, UpdateState.IN_REVIEW, UpdateState.APPROVED)
