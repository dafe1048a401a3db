"""What happens here that other rooms, or a worker asleep, have to know."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SendingWanted:
    """Deliveries that rested may go: a message was resumed, or somebody has some of it tried now."""

    message_id: int
    at: datetime
