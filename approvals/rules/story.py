"""One thing that happened to an update on its way, as a story tells it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Moment(StrEnum):
    """What kind of thing happened."""

    VERSION = "version"
    REQUEST = "request"
    CALL = "call"
    CLAIM = "claim"
    COMMENT = "comment"
    VERDICT = "verdict"
    CARRIED = "carried"
    DISPUTE = "dispute"
    RULING = "ruling"
    OVERRIDE = "override"
    CLOSED = "closed"
    SCHEDULE = "schedule"
    HOLD = "hold"
    RELEASE = "release"
    RATIFICATION = "ratification"
    CORRECTION = "correction"


@dataclass(frozen=True)
class Told:
    """`words` say it in one line; `text` is what somebody wrote, in full; `detail` is plain JSON for programs.

    `by` is an audit reference. `revision` is the number of the version that it is about, where there is one.
    """

    at: datetime
    kind: Moment
    by: str
    words: str
    text: str = ""
    revision: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)


# What belongs together at one instant, in this order: a version is there before review of it is asked for,
# and an override ends the review and releases.
ORDER = {kind: number for number, kind in enumerate(Moment)}


def in_order(moments: list[Told]) -> list[Told]:
    """Oldest first; at the same instant in the order of the way."""
    return sorted(moments, key=lambda told: (told.at, ORDER[told.kind]))
