"""Release holds: what they say at the gate."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from approvals.rules.reasons import Reason

LONGEST_REASON = 500


@dataclass(frozen=True)
class HoldFacts:
    """A hold in force. `whole_incident`: it stops every update of the incident, not one alone."""

    whole_incident: bool
    placed_by: str
    placed_at: datetime
    reason: str


def held_back(*, whole_incident: bool, reason: str) -> str:
    """The hold as a sentence of its own, for what was released already and is kept back on its way."""
    return f"{_what(whole_incident)} is held back: {reason.rstrip('.')}."


def held(holds: Iterable[HoldFacts]) -> list[Reason]:
    """One reason per hold in force; empty when nothing is held."""
    return [
        Reason(
            "held",
            f"{_what(hold.whole_incident)} is held by {hold.placed_by}"
            f" since {hold.placed_at:%d %b %Y %H:%M} UTC: {hold.reason.rstrip('.')}. It goes when the hold is lifted.",
        )
        for hold in holds
    ]


def _what(whole_incident: bool) -> str:
    return "Everything of this incident" if whole_incident else "This update"
