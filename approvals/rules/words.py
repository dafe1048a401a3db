"""The words of review and release."""

from enum import StrEnum


class RoundState(StrEnum):
    """Where a review round stands. Only an open or an approved round is live."""

    OPEN = "open"
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    VOIDED = "voided"
    OVERRIDDEN = "overridden"


LIVE_ROUNDS = (RoundState.OPEN, RoundState.APPROVED)


class Verdict(StrEnum):
    """What a reviewer says about the exact words. A dispute marks a passage for the arbiter."""

    APPROVE = "approve"
    REQUEST_CHANGES = "request_changes"
    DISPUTE = "dispute"


class Step(StrEnum):
    """The clock of one slot: who is called in while nobody has decided."""

    REMINDER = "reminder"
    BACKUP = "backup"
    NEXT_TIER = "next_tier"
    OVERRIDE_HOLDER = "override_holder"


class CarriedBecause(StrEnum):
    """Why a verdict on an earlier revision still stands."""

    SAME_WORDS = "same_words"
    REACH = "reach"
    STRUCK = "struck"


class ScheduleState(StrEnum):
    """What became of a scheduled release."""

    PENDING = "pending"
    DONE = "done"
    HELD = "held"
    CANCELLED = "cancelled"
