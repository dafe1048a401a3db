"""Who may give a verdict, and when a round is complete."""

from collections.abc import Mapping
from dataclasses import dataclass

from accounts.rules.roles import Permission
from approvals.rules.reasons import Cause, Reason
from approvals.rules.words import Verdict
from incidents.rules.words import UpdateState


@dataclass(frozen=True)
class Given:
    """A verdict that stands in a round. `reviewer` is the person behind the account, the same for all their accounts."""

    reviewer: str
    verdict: str
    content_hash: str


@dataclass(frozen=True)
class ReviewFacts:
    """What the decision reads. `contributors` is every person who ever wrote at the update or put it forward.

    `unable` says in words why the person cannot act now (absent, training run out); empty when they can.
    """

    state: str
    kind: str
    reviewer: str
    holds_permission: bool
    revision_is_current: bool
    contributors: frozenset[str]
    asked: frozenset[str]
    given: Mapping[str, Given]
    unable: tuple[str, ...] = ()


def permission_for(kind: str) -> Permission | None:
    """The permission to give this kind of review, or `None` for a kind that nobody can give."""
    try:
        return Permission(f"review.{kind}")
    except ValueError:
        return None


def named(kind: str) -> str:
    """The kind as people read it."""
    return kind.replace("_", " ")


STALE = Reason("stale", "The words changed since you opened them. Read the newest revision.", Cause.STALE)


def may_review(facts: ReviewFacts) -> list[Reason]:
    """Everything in the way of this person's verdict; empty when they may give it. The gravest reason comes first."""
    return [reason for reason in (_about_person(facts), *_about_round(facts)) if reason is not None]


def _about_person(facts: ReviewFacts) -> Reason | None:
    name = named(facts.kind)
    if not facts.holds_permission:
        return Reason("no_permission", f"You are not a {name} reviewer. Ask one, or an administrator for the role.", Cause.FORBIDDEN)
    if facts.reviewer in facts.contributors:
        return Reason(
            "contributor",
            "You wrote at this update or put it forward, so somebody else has to review it. That stays so whatever is edited later.",
            Cause.FORBIDDEN,
        )
    others = {kind for kind, given in facts.given.items() if given.reviewer == facts.reviewer and kind != facts.kind}
    if others:
        return Reason(
            "other_slot",
            f"You already gave the {named(min(others))} review. The {name} review has to come from another person.",
            Cause.FORBIDDEN,
        )
    if facts.unable:
        because = "; ".join(facts.unable)
        return Reason(
            "unable",
            f"You cannot give the {name} review now: {because}. The roster page shows who can, and how to change what is wrong there.",
            Cause.FORBIDDEN,
        )
    return None


def _about_round(facts: ReviewFacts) -> list[Reason | None]:
    if facts.state != UpdateState.IN_REVIEW:
        return [Reason("not_in_review", f"The update is {facts.state.replace('_', ' ')}; verdicts are given while it is in review.")]
    return [
        None
        if facts.kind in facts.asked
        else Reason("not_asked", f"No {named(facts.kind)} review is asked for in this round.", Cause.INPUT),
        Reason("slot_taken", f"The {named(facts.kind)} review has been given already.") if facts.kind in facts.given else None,
        None if facts.revision_is_current else STALE,
    ]


def is_complete(*, asked: frozenset[str], given: Mapping[str, Given], contributors: frozenset[str], content_hash: str) -> bool:
    """Whether every review asked for approves exactly this content, each by another person, none of them a contributor."""
    approvals = {kind: found for kind, found in given.items() if found.verdict == Verdict.APPROVE and found.content_hash == content_hash}
    people = {found.reviewer for found in approvals.values()}
    return bool(asked) and asked <= set(approvals) and len(people) == len(approvals) and not people & contributors
