"""What happens in the register."""

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
