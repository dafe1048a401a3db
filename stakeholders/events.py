"""What happens in the register."""

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class VerificationRequested:
    """The reader of an address is asked to confirm it. The answer itself is in no event: it is made again from the question
    (`stakeholders.queries.secrets`) when the letter is written.
    """

    verification_id: int
    contact_point_id: int
    at: datetime


@dataclass(frozen=True)
class EscalationStepTold:
    """A step of a tree's run has called people: they are to be told. Also of a drill's run."""

    run_step_id: int
    at: datetime


@dataclass(frozen=True)
class EscalationAnswered:
    """The first answer to a run in earnest: whoever else was called may stand down."""

    run_id: int
    acknowledgement_id: int
    at: datetime


@dataclass(frozen=True)
class EscalationUnanswered:
    """Every step was told and nobody answered in the time that the tree gives."""

    run_id: int
    at: datetime


@dataclass(frozen=True)
class AudienceDrillStarted:
    """A drill goes out to an audience now."""

    drill_id: int
    at: datetime


@dataclass(frozen=True)
class AudienceDrillCalledOff:
    """A drill that had gone out to an audience was called off by somebody."""

    drill_id: int
    user_id: uuid.UUID
    reason: str
    at: datetime


@dataclass(frozen=True)
class AudienceScopeChanged:
    """An audience is told about other components than before: `components` are the keys of the rows in one of the two and not in both."""

    audience_id: int
    components: frozenset[int]
    at: datetime
