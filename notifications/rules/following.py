"""What followed when a delivery ended without having told its reader."""

from enum import StrEnum


class Followed(StrEnum):
    """Empty until somebody has looked."""

    NOTHING_YET = ""
    PLANNED = "planned"
    """The next channel of its reader's route is planned as a delivery that stands in for it."""
    REACHED = "reached"
    """The reader was reached by another delivery of the same message."""
    ANOTHER = "another"
    """Another delivery of the same message to this reader is still on its way, or says the same."""
    NEWER = "newer"
    """A newer update tells the reader more."""
    ENDED = "ended"
    """Nothing is to follow: no route leads on, the reader wants no more, may not see it, or the message was ended."""
    UNREACHED = "unreached"
    """No further channel is left: the reader was not reached."""


REACHABLE_STILL = ("the address is gone", "the address is suppressed", "the address waits for its confirmation")
"""Of what was not sent, these are about the address alone: its reader may be told elsewhere."""
