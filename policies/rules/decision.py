"""What a policy decides."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """Whether formal updates are due."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


class ReviewKind(StrEnum):
    """What a reviewer answers for."""

    TECHNICAL = "technical"
    COMMUNICATIONS = "communications"


@dataclass(frozen=True)
class ReviewRequirement:
    """One review an update needs, and how long it may take."""

    kind: ReviewKind
    window_minutes: int


@dataclass(frozen=True)
class Decision:
    """The first matching rule's consequences.

    `cadence` is minutes between updates per incident status; a status without entry promises nothing.
    """

    outcome: Outcome
    rule_key: str
    rule_words: str
    cadence: dict[str, int]
    reviews: tuple[ReviewRequirement, ...]
    audiences: tuple[str, ...]
    publishes_watching: bool
    policy_version: int

    def minutes_until_next(self, status: str) -> int | None:
        """Minutes until the next update is due in this status, or `None` when none is promised."""
        return self.cadence.get(status)
