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
