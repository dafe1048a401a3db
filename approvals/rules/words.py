"""The words of review and release."""

from enum import StrEnum


class RoundState(StrEnum):
    """Where a review round stands. Only an open or an approved round is live."""

    OPEN = "open"
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    VOIDED = "voided"


LIVE_ROUNDS = (RoundState.OPEN, RoundState.APPROVED)


class Verdict(StrEnum):
    """What a reviewer says about the exact words."""

    APPROVE = "approve"
    REQUEST_CHANGES = "request_changes"


class ScheduleState(StrEnum):
    """What became of a scheduled release."""

    PENDING = "pending"
    DONE = "done"
    HELD = "held"
    CANCELLED = "cancelled"
