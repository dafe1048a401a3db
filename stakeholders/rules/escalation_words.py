"""The words of escalation and drills."""

from enum import StrEnum

# Minutes.
LONGEST_WAIT = 24 * 60
LONGEST_RUN = 7 * 24 * 60
LATE_AFTER_SECONDS = 120
"""A step told more than this after its time is labelled late: nothing watched the clock."""


class Ring(StrEnum):
    """Whom of a duty a step asks."""

    ON_DUTY = "on_duty"
    DEPUTIES = "deputies"


class RunEnding(StrEnum):
    """How a run of a tree came to its end."""

    ACKNOWLEDGED = "acknowledged"
    STOPPED = "stopped"
    """Somebody called it off."""
    UNANSWERED = "unanswered"
    """Every step was told and nobody answered in the time that the tree gives."""
    WALKED = "walked"
    """A drill went through every step."""


class How(StrEnum):
    """How somebody acknowledged."""

    LINK = "link"
    PAGE = "page"


RING_WORDS = {Ring.ON_DUTY: "whoever is on duty", Ring.DEPUTIES: "deputies"}
