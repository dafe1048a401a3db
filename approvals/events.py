"""What review and release announce. Ids are database keys."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ReviewRequested:
    """A round is open and reviewers are asked."""

    round_id: int
    update_id: int
    at: datetime


@dataclass(frozen=True)
class VerdictGiven:
    """Somebody approved or asked for changes."""

    review_id: int
    update_id: int
    at: datetime


@dataclass(frozen=True)
class SlotStepDue:
    """The clock of a review reached a step (reminder, backup, next_tier, override_holder); `user_ids` are to be told, each once.

    `late` tells that nothing watched the clock when the step was due. `update_id` is empty for a holding statement.
    """

    step_id: int
    slot_id: int
    update_id: int | None
    step: str
    user_ids: tuple[str, ...]
    due_at: datetime
    late: bool
    at: datetime


@dataclass(frozen=True)
class UpdateApproved:
    """Every required review of the current revision is an approval."""

    update_id: int
    at: datetime


@dataclass(frozen=True)
class ReleaseHeld:
    """A release that was due did not go, for `reason`; a person has to decide."""

    update_id: int
    reason: str
    at: datetime


@dataclass(frozen=True)
class UpdateReleased:
    """The update is out: from here on it is planned, projected and sent."""

    release_id: int
    update_id: int
    incident_id: int
    at: datetime


@dataclass(frozen=True)
class DisputeOpened:
    """A reviewer disputes a passage; an arbiter is to rule by `due_at`."""

    dispute_id: int
    update_id: int
    due_at: datetime
    at: datetime


@dataclass(frozen=True)
class DisputeOverdue:
    """The arbiter's deadline has passed without a ruling: the manager on duty is told. `late`: nothing watched the clock when it passed."""

    dispute_id: int
    update_id: int
    due_at: datetime
    late: bool
    at: datetime


@dataclass(frozen=True)
class DisputeClosed:
    """A dispute has come to an end; `state` says how: upheld, struck, reworded, withdrawn or overtaken by an edit."""

    dispute_id: int
    update_id: int
    state: str
    at: datetime


@dataclass(frozen=True)
class OverrideUsed:
    """An update was released without every review. Whom to tell is frozen in the override's `told`."""

    override_id: int
    release_id: int
    update_id: int
    at: datetime


@dataclass(frozen=True)
class RatificationDue:
    """An override still waits to be ratified. `step`: 50, 80, 100 (per cent of the time) or `overdue N` (days)."""

    override_id: int
    step: str
    due_at: datetime
    late: bool
    at: datetime


@dataclass(frozen=True)
class RatificationDecided:
    """Somebody ratified the override, or refused to; a refusal opened the draft of a correction."""

    override_id: int
    ratified: bool
    correction_id: int | None
    at: datetime


@dataclass(frozen=True)
class HoldPlaced:
    """Nothing goes out for the incident, or for the one update where `update_id` is given, until the hold is lifted."""

    hold_id: int
    incident_id: int
    update_id: int | None
    at: datetime


@dataclass(frozen=True)
class HoldLifted:
    """The hold is lifted: what waited may go."""

    hold_id: int
    incident_id: int
    update_id: int | None
    at: datetime


@dataclass(frozen=True)
class StatementReviewRequested:
    """A round over a holding statement is open and reviewers are asked."""

    round_id: int
    statement_id: int
    at: datetime
