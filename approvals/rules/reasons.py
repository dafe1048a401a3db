"""Why something may not be done: a stable code for programs, a sentence with the cure for people."""

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """What kind of refusal a reason leads to."""

    FORBIDDEN = "forbidden"
    STATE = "state"
    STALE = "stale"
    INPUT = "input"


@dataclass(frozen=True)
class Reason:
    """One thing in the way."""

    code: str
    words: str
    cause: Cause = Cause.STATE
