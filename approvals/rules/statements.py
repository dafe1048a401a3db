"""Holding statements: which reviews they need, and what keeps one from being released for an incident."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from approvals.rules.reasons import Cause, Reason
from policies.rules.decision import ReviewKind
from templates.rules.gaps import gap_words
from templates.rules.holding import SCENARIOS, HoldingState, is_expired

# Statements are reviewed in quiet times: days, not minutes.
STATEMENT_WINDOW = timedelta(days=3)


def statement_kinds(scenario: str) -> tuple[str, ...]:
    """Technical and communications always; legal where the scenario says so."""
    kinds = (ReviewKind.TECHNICAL.value, ReviewKind.COMMUNICATIONS.value)
    return (*kinds, ReviewKind.LEGAL.value) if SCENARIOS[scenario].needs_legal else kinds


@dataclass(frozen=True)
class StatementFacts:
    """What the gate reads of one chosen statement. `missing` names variables the incident has no value for.

    `approvals_hold` is whether every review asked for approves exactly these words; `overlong` whether the title, filled in,
    is longer than a title may be.
    """

    name: str
    audience: str
    language: str
    state: str
    expires_at: datetime | None
    approvals_hold: bool
    missing: tuple[str, ...] = ()
    overlong: bool = False


def may_release_statements(chosen: Sequence[StatementFacts], *, now: datetime) -> list[Reason]:
    """Everything about the statements themselves that is in the way, each with the way on; empty when they may go."""
    if not chosen:
        return [Reason("no_statement", "Choose at least one holding statement.", Cause.INPUT)]
    found = [reason for facts in chosen for reason in _about(facts, now)]
    places = [(facts.audience, facts.language) for facts in chosen]
    for audience, language in sorted({place for place in places if places.count(place) > 1}):
        found.append(
            Reason("twice", f"Two of the statements speak to {audience} in {language}. Choose one of them.", Cause.INPUT),
        )
    return found


def _about(facts: StatementFacts, now: datetime) -> list[Reason]:
    if facts.state != HoldingState.APPROVED or not facts.approvals_hold or facts.expires_at is None:
        words = f"“{facts.name}” is not approved. Have it reviewed, or write an ordinary update: its review starts at once."
        return [Reason("statement_not_approved", words)]
    if is_expired(expires_at=facts.expires_at, now=now):
        words = (
            f"The approval of “{facts.name}” ran out on {facts.expires_at:%d %b %Y, %H:%M} UTC. Have it approved anew (its page has"
            " the button), or write an ordinary update from the same words: its review starts at once."
        )
        return [Reason("statement_expired", words)]
    found = []
    if facts.missing:
        named = ", ".join(gap_words(name) for name in facts.missing)
        words = f"“{facts.name}” needs what this incident does not say yet ({named}). Add it to the incident, or choose another."
        found.append(Reason("statement_unfilled", words))
    if facts.overlong:
        found.append(Reason("statement_overlong", f"The title of “{facts.name}” is too long once filled in. Choose another."))
    return found
