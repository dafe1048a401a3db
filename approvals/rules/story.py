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


def voided_words(given: int, kept: int, because: str) -> str:
    """How a round ended that no longer counts: what became of the approvals `given` in it, of which `kept` stand for what came after."""
    void = given - kept
    if not given:
        said = "The review ended before anybody approved"
    elif not void:
        said = f"The review ended and {'the approval given is' if given == 1 else f'the {given} approvals are'} kept"
    elif kept:
        said = f"{void} of {given} approvals {'is' if void == 1 else 'are'} void"
    else:
        said = {1: "The approval given is void", 2: "Both approvals are void"}.get(given, f"All {given} approvals are void")
    return f"{said}: {because}"
