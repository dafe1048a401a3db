"""Who is asked to fill a slot, and who is called in when nobody has. Nobody is called who could not give the verdict."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from approvals.rules.words import Step

# The furthest tier that a step calls in: 0 on duty, 1 deputy or delegate, 2 everyone else who holds the role.
REACHES: dict[Step, int] = {Step.REMINDER: -1, Step.BACKUP: 1, Step.NEXT_TIER: 2, Step.OVERRIDE_HOLDER: 2}


@dataclass(frozen=True)
class Candidate:
    """One holder of the role. `reasons` says why they cannot act; `user` is the account, `person` who stands behind it."""

    user: str
    person: str
    tier: int
    can_act: bool
    reasons: tuple[str, ...] = ()


def first_asked(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Whom the opening of a round asks: everyone able in the lowest tier that has somebody able."""
    able = [candidate for candidate in candidates if candidate.can_act]
    tier = min((candidate.tier for candidate in able), default=0)
    return [candidate for candidate in able if candidate.tier == tier]


def called_in(step: Step, candidates: Sequence[Candidate], *, called: Collection[str]) -> list[Candidate]:
    """Whom the step calls in besides those called already (accounts).

    Where a step's tiers hold nobody new, the next tier is called in its place rather than nobody.
    """
    new = [candidate for candidate in candidates if candidate.can_act and candidate.user not in called]
    if step is Step.REMINDER or not new:
        return []
    reach = max(REACHES[step], min(candidate.tier for candidate in new))
    return [candidate for candidate in new if candidate.tier <= reach]


def nobody_can(candidates: Sequence[Candidate]) -> bool:
    """Whether no holder of the role can act at all."""
    return not any(candidate.can_act for candidate in candidates)
