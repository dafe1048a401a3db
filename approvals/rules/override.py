"""Releasing without every review: when that is open, what it stands in for, and its ratification."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from approvals.rules.reasons import Cause, Reason
from approvals.rules.release import ReleaseFacts, beside_approval
from approvals.rules.review import STALE, named
from incidents.rules.words import UpdateState

LEGAL = "legal"
# Shares of that time at which somebody is reminded; afterwards once a day until it is decided.
REMINDERS = (50, 80, 100)
EVERY_DAY = timedelta(days=1)
NOTICED_LATE = timedelta(minutes=5)


class OverrideState(StrEnum):
    """Whether what was done without every review has been put right afterwards."""

    AWAITING = "awaiting"
    RATIFIED = "ratified"
    REFUSED = "refused"


class Ground(StrEnum):
    """Why an override may stand in for a review."""

    WINDOW_EXPIRED = "window_expired"
    NOBODY_ELIGIBLE = "nobody_eligible"


@dataclass(frozen=True)
class SlotFacts:
    """A review that the round asks for. `eligible` counts people who could give it now.

    `kept_away` counts people who cannot, but only by what somebody else did since it was asked for, or by what the
    overriding person entered about them.
    """

    kind: str
    due_at: datetime
    approved: bool
    eligible: int
    kept_away: int = 0


# Long enough that nobody prepares for an incident by it, short enough that who moved to other work is not barred for good.
ADMINISTERED_WITHIN = timedelta(days=30)


@dataclass(frozen=True)
class OverrideFacts:
    """What `may_override` reads. People are compared by person, so a second account changes nothing.

    `administers` is whether they can take roles from others, or could in the `ADMINISTERED_WITHIN` before the review was asked
    for: who can make nobody of everybody waits for the window.
    """

    state: str
    revision_is_current: bool
    slots: tuple[SlotFacts, ...]
    holds_permission: bool
    is_contributor: bool
    gave_review: bool
    open_disputes: int
    policy_fills_legal: bool
    holds_legal_role: bool
    administers: bool = False


@dataclass(frozen=True)
class Filled:
    """A review that the override stands in for, and what opened it."""

    kind: str
    ground: Ground
    words: str

    def as_json(self) -> dict[str, str]:
        """As it is kept with the override."""
        return {"kind": self.kind, "ground": self.ground.value, "words": self.words}


def filled(facts: OverrideFacts, now: datetime) -> tuple[Filled, ...]:
    """The reviews still missing that an override may stand in for now. Legal's is among them only by the policy and by a lawyer."""
    found = []
    for slot in facts.slots:
        ground = _ground(facts, slot, now)
        if not slot.approved and ground is not None and (slot.kind != LEGAL or _fills_legal(facts)):
            found.append(Filled(slot.kind, ground, _words(slot, ground)))
    return tuple(found)


def unfilled(facts: OverrideFacts, now: datetime) -> tuple[Reason, ...]:
    """The reviews still missing that no override stands in for, each with why."""
    filled_kinds = {one.kind for one in filled(facts, now)}
    return tuple(_not_filled(facts, slot) for slot in facts.slots if not slot.approved and slot.kind not in filled_kinds)


def may_override(facts: OverrideFacts, now: datetime) -> list[Reason]:
    """Everything in the way of an override by this person; empty when they may. The gravest reason comes first."""
    return [reason for reason in (*_about_person(facts), *_about_update(facts)) if reason is not None] + (
        list(unfilled(facts, now)) if facts.state == UpdateState.IN_REVIEW else []
    )


def _about_person(facts: OverrideFacts) -> list[Reason | None]:
    if not facts.holds_permission:
        return [Reason("no_permission", "Only an override holder releases without every review.", Cause.FORBIDDEN)]
    return [
        Reason("contributor", "You wrote at this update or put it forward: another override holder has to decide.", Cause.FORBIDDEN)
        if facts.is_contributor
        else None,
        Reason("gave_review", "You reviewed this update: the override has to come from somebody else.", Cause.FORBIDDEN)
        if facts.gave_review
        else None,
    ]


def _about_update(facts: OverrideFacts) -> list[Reason | None]:
    if facts.state == UpdateState.APPROVED:
        return [Reason("approved", "Every review is given: release it in the ordinary way.")]
    if facts.state != UpdateState.IN_REVIEW:
        return [Reason("not_in_review", f"The update is {facts.state.replace('_', ' ')}; an override stands in for reviews asked for.")]
    return [
        None if facts.revision_is_current else STALE,
        Reason("disputed", "A passage is disputed. An override does not settle that: the arbiter rules, or the passage is taken out.")
        if facts.open_disputes
        else None,
        Reason("nothing_missing", "No review is missing.") if all(slot.approved for slot in facts.slots) else None,
    ]


def _ground(facts: OverrideFacts, slot: SlotFacts, now: datetime) -> Ground | None:
    if slot.due_at <= now:
        return Ground.WINDOW_EXPIRED
    nobody = slot.eligible == 0 and slot.kept_away == 0 and not facts.administers
    return Ground.NOBODY_ELIGIBLE if nobody else None


def _words(slot: SlotFacts, ground: Ground) -> str:
    if ground is Ground.WINDOW_EXPIRED:
        return f"The window for the {named(slot.kind)} review ran out at {slot.due_at:%d %b %Y %H:%M} UTC."
    return f"Nobody can give the {named(slot.kind)} review now."


def _not_filled(facts: OverrideFacts, slot: SlotFacts) -> Reason:
    if slot.kind == LEGAL and not facts.policy_fills_legal:
        return Reason("legal", "The legal review is missing, and the policy lets no override stand in for it. Reach somebody of legal.")
    if slot.kind == LEGAL and not facts.holds_legal_role:
        return Reason("legal", "The legal review is missing; only an override holder who also has the legal role stands in for it.")
    runs = f"The window for the {named(slot.kind)} review runs until {slot.due_at:%d %b %Y %H:%M} UTC"
    if slot.eligible:
        return Reason("window_open", f"{runs}, and {_people(slot.eligible)} can give it.")
    if slot.kept_away:
        return Reason(
            "window_open",
            f"{runs}. {_people(slot.kept_away).capitalize()} cannot give it only because of what others changed since it was asked for,"
            " or of what you entered about them: that opens no override. Wait for the window to run out.",
        )
    return Reason(
        "window_open",
        f"{runs}. Nobody can give the review, but whoever administers roles, or did within {ADMINISTERED_WITHIN.days} days before it"
        " was asked for, does not decide on that ground. Ask another override holder, or wait for the window to run out.",
    )


def _people(count: int) -> str:
    return f"{count} {'person' if count == 1 else 'people'}"


def _fills_legal(facts: OverrideFacts) -> bool:
    return facts.policy_fills_legal and facts.holds_legal_role


@dataclass(frozen=True)
class Step:
    """A reminder of a ratification, and when it is due."""

    name: str
    due_at: datetime


def steps(*, at: datetime, ratify_by: datetime) -> tuple[Step, ...]:
    """The reminders up to the deadline: at 50, 80 and 100 % of the time."""
    return tuple(Step(str(share), at + (ratify_by - at) * share / 100) for share in REMINDERS)


def next_overdue(*, ratify_by: datetime, now: datetime) -> Step:
    """The first daily reminder after `now`, counted from the deadline; days that nothing watched are passed over."""
    days = max(1, (now - ratify_by) // EVERY_DAY + 1)
    return Step(f"overdue {days}", ratify_by + days * EVERY_DAY)


def noticed_late(*, due_at: datetime, now: datetime) -> bool:
    """Whether a reminder goes out so late that it says so."""
    return now - due_at > NOTICED_LATE


@dataclass(frozen=True)
class RatificationFacts:
    """What `may_decide` reads."""

    state: str
    holds_permission: bool
    overrode: bool
    is_contributor: bool


def may_decide(facts: RatificationFacts) -> list[Reason]:
    """Why this person may not ratify or refuse; empty when they may."""
    if not facts.holds_permission:
        return [Reason("no_permission", "Commanders, override holders and legal decide on a ratification.", Cause.FORBIDDEN)]
    if facts.overrode:
        return [Reason("own_override", "You released it yourself: somebody else has to ratify that.", Cause.FORBIDDEN)]
    if facts.is_contributor:
        return [Reason("contributor", "You wrote at the update or put it forward: somebody else has to decide.", Cause.FORBIDDEN)]
    if facts.state != OverrideState.AWAITING:
        return [Reason("decided", f"The override was {facts.state} already; that is decided once.")]
    return []


def kinds_in_words(kinds: Sequence[str]) -> str:
    """`technical and public relations`."""
    names = [named(kind) for kind in kinds]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "no review"


def overridden_gate(facts: ReleaseFacts, fills: Sequence[Filled]) -> list[Reason]:
    """What the release gate says besides approval, of which an override is no cure.

    Legal's gate is answered only where the override stands in for legal, which `filled` has checked.
    """
    if facts.is_drill:
        return [Reason("drill", "This is a drill, written for practice. A drill is never released.")]
    answered = {"legal_missing"} if any(one.kind == LEGAL for one in fills) else set()
    return [reason for reason in beside_approval(facts) if reason.code not in answered]
