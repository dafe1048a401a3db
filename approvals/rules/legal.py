"""The legal gate: what touches a data breach or a regulated system leaves the house only with legal's approval."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from approvals.rules.naming import listed
from approvals.rules.reasons import Reason
from approvals.rules.review import Given
from approvals.rules.words import Verdict
from incidents.rules.fields import FLAGS, unflags
from policies.rules.decision import ReviewKind

# How long legal has where the policy names no window, in minutes.
LEGAL_WINDOW_MINUTES = 60


@dataclass(frozen=True)
class LegalFacts:
    """What the gate reads. `outside` are the audiences reached that are not internal, `names` the audiences' names by their keys."""

    data_breach: bool = False
    regulated_system: bool = False
    outside: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)


def needs_legal(facts: LegalFacts) -> bool:
    """Whether legal has to approve, whatever the policy asks for."""
    return bool(facts.outside) and (facts.data_breach or facts.regulated_system)


def still_asked(decided: Iterable[tuple[int | None, Mapping[str, Any]]]) -> int | None:
    """Legal's window in minutes as the decisions of an incident leave it, oldest first: the window each gives legal, and its facts.

    Once legal is asked, other facts do not let it go: who may change a category must not take a lawyer's eyes off the incident by
    it. Only a flag that comes off does, which is the lawyers' to do, where the decision then asks legal no more.
    """
    window: int | None = None
    before: Mapping[str, Any] = {}
    for minutes, facts in decided:
        let_go = any(unflags(name, before.get(name), facts.get(name)) for name in FLAGS)
        window = minutes or (None if let_go else window)
        before = facts
    return window


def legal_gate(facts: LegalFacts, *, given: Mapping[str, Given], content_hash: str) -> list[Reason]:
    """What is in the way as long as legal has not approved exactly this content."""
    if not needs_legal(facts):
        return []
    legal = given.get(ReviewKind.LEGAL)
    if legal is not None and legal.verdict == Verdict.APPROVE and legal.content_hash == content_hash:
        return []
    flags = " and ".join(
        words for words, flag in (("a data breach", facts.data_breach), ("a regulated system", facts.regulated_system)) if flag
    )
    reaches = listed(facts.outside, facts.names)
    return [
        Reason(
            "legal_missing",
            f"The incident is flagged as {flags}: nothing goes outside ({reaches}) without legal's approval of these words. "
            "Ask for review again, which then asks legal, or reach colleagues only.",
        )
    ]
