"""The release gate: everything is decided again at the moment of release, whatever was true before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from approvals.rules.consequences import PolicyFacts, about_policy
from approvals.rules.hold import HoldFacts, held
from approvals.rules.legal import LegalFacts, legal_gate
from approvals.rules.reasons import Cause, Reason
from approvals.rules.resolving import without_the_end
from approvals.rules.review import STALE, Given, is_complete, named
from incidents.rules.words import UpdateState
from policies.rules.decision import ReviewKind

# A scheduled release that could not go in time waits for a person once it is later than this, where the policy says nothing else.
LATE_BOUND = timedelta(minutes=15)


@dataclass(frozen=True)
class ReleaseFacts:
    """What the gate reads. Hashes are of the current content (recomputed) and of the content that was approved.

    `outside_scope` holds the audiences that must not be told of this incident, each with the reason in words. `holds` are the
    release holds in force, `screening_blocks` findings that nobody may pass over, each a sentence. `goes_at` is the moment that the
    content itself names, `leaves_at` the one asked about, which is to come where it is only `planned`; `goes_when_approved` says that
    the content goes as soon as it is approved.
    `lacking` are the kinds of review that are asked for now and that the round does not have, `left_out` sentences about whom
    a correction leaves out. `not_told_of_the_end` are audiences that this would resolve the incident without telling, `said_late`
    sentences about what tells late that it is over and would do more than that. `late_promise`
    says why the promise of the next update may not be made like this any more, `illegal_move` why the incident cannot be reported
    like this. `names` are the audiences', by their keys; one that
    is unknown has none.
    """

    state: str
    revision_is_current: bool
    content_hash: str
    approved_hash: str | None
    asked: frozenset[str]
    given: Mapping[str, Given]
    contributors: frozenset[str]
    incident_resolved: bool
    restricted: bool
    unconfirmed: bool
    reaches_public: bool
    unknown_audiences: frozenset[str]
    outside_scope: Mapping[str, str] = field(default_factory=dict)
    is_drill: bool = False
    speaks_of_the_past: bool = False
    holds: tuple[HoldFacts, ...] = ()
    disputed: bool = False
    screening_blocks: tuple[str, ...] = ()
    legal: LegalFacts = field(default_factory=LegalFacts)
    policy: PolicyFacts | None = None
    goes_at: datetime | None = None
    leaves_at: datetime | None = None
    planned: bool = False
    goes_when_approved: bool = False
    lacking: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()
    not_told_of_the_end: frozenset[str] = frozenset()
    said_late: tuple[str, ...] = ()
    late_promise: str = ""
    illegal_move: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Releaser:
    """What the gate reads about the person. `owns_audiences` means: of every audience the update reaches."""

    holds_permission: bool
    commands_incident: bool
    is_commander: bool
    owns_audiences: bool


def may_release(facts: ReleaseFacts) -> list[Reason]:
    """Everything in the way of letting this exact content out; empty when it may go."""
    if facts.state == UpdateState.RELEASED:
        return [Reason("already_released", "This update was released already; nothing was sent twice. Write a new update to say more.")]
    if facts.is_drill:
        return [Reason("drill", "This is a drill, written for practice. A drill is never released; write an update instead.")]
    return [*_about_approval(facts), *beside_approval(facts)]


def beside_approval(facts: ReleaseFacts) -> list[Reason]:
    """What is in the way whether the update is approved or let out by an override."""
    time = other_time(goes_at=facts.goes_at, at=facts.leaves_at, planned=facts.planned, when_approved=facts.goes_when_approved)
    about = [*_about_incident(facts), *_about_readers(facts), *_about_wording(facts), *_about_legal(facts), *_about_policy(facts)]
    return [*_about_hold(facts), *time, *about]


def _about_approval(facts: ReleaseFacts) -> list[Reason]:
    found: list[Reason] = []
    if not facts.revision_is_current:
        found.append(STALE)
    if facts.state != UpdateState.APPROVED or facts.approved_hash is None:
        found.append(Reason("not_approved", f"The update is {facts.state.replace('_', ' ')}; only an approved update can be released."))
    elif facts.content_hash != facts.approved_hash:
        found.append(Reason("other_words", "The words are not the ones that were approved. Ask for review again."))
    elif not is_complete(asked=facts.asked, given=facts.given, contributors=facts.contributors, content_hash=facts.approved_hash):
        found.append(
            Reason("approvals_missing", "Not every review is an approval by a different person who wrote nothing. Ask for review again.")
        )
    return found


def _about_hold(facts: ReleaseFacts) -> list[Reason]:
    disputed = Reason("disputed", "A passage is disputed and the arbiter has not ruled yet. Wait for the ruling.")
    return [*held(facts.holds), *([disputed] if facts.disputed else [])]


def _about_incident(facts: ReleaseFacts) -> list[Reason]:
    found: list[Reason] = []
    if facts.incident_resolved and not facts.speaks_of_the_past:
        found.append(Reason("incident_resolved", "The incident is resolved; its updates have come to an end."))
    elif facts.illegal_move:
        found.append(Reason("illegal_move", facts.illegal_move))
    if facts.restricted and facts.reaches_public:
        found.append(Reason("restricted", "The incident is restricted: nothing of it may reach a public audience. Take that audience out."))
    if facts.unconfirmed and facts.reaches_public:
        found.append(Reason("unconfirmed", "The policy publishes nothing while an incident is only watched. Confirm the incident first."))
    if facts.unknown_audiences:
        keys = ", ".join(sorted(facts.unknown_audiences))
        found.append(Reason("unknown_audience", f"There is no audience with the key {keys} any more. Take it out."))
    found += [
        Reason("outside_scope", f"The audience {facts.names.get(key, key)} {why}. Take it out, or correct the incident.")
        for key, why in sorted(facts.outside_scope.items())
    ]
    return found


def _about_readers(facts: ReleaseFacts) -> list[Reason]:
    found: list[Reason] = []
    if facts.not_told_of_the_end:
        found.append(Reason("untold", without_the_end(facts.not_told_of_the_end, facts.names)))
    found += [Reason("said_late", sentence) for sentence in facts.said_late]
    if facts.late_promise:
        words = f"The policy as it answers now wants word sooner. {facts.late_promise} Then ask for review again."
        found.append(Reason("late_promise", words))
    return found


def _about_wording(facts: ReleaseFacts) -> list[Reason]:
    left_out = [Reason("leaves_out", sentence) for sentence in facts.left_out]
    return [*left_out, *(Reason("screening_blocked", f"{sentence} Then ask for review again.") for sentence in facts.screening_blocks)]


def _about_legal(facts: ReleaseFacts) -> list[Reason]:
    """The legal gate, and the reviews that the round lacks; what the legal gate says of legal is said once."""
    gate = legal_gate(facts.legal, given=facts.given, content_hash=facts.content_hash)
    lacking = facts.lacking - {ReviewKind.LEGAL} if gate else facts.lacking
    return [*gate, *([_lacks(lacking)] if lacking else [])]


def _lacks(kinds: frozenset[str]) -> Reason:
    names = " and ".join(sorted(named(kind) for kind in kinds))
    words = f"The incident as it is known now and the policy in force ask for the {names} review too, which was not asked for."
    return Reason("review_lacking", f"{words} Ask for review again: the reviews given stay.")


def _about_policy(facts: ReleaseFacts) -> list[Reason]:
    return about_policy(facts.policy) if facts.policy else []


def other_time(*, goes_at: datetime | None, at: datetime | None, planned: bool, when_approved: bool = False) -> list[Reason]:
    """What keeps content that names its time from leaving at another: the time is among what was approved.

    It is planned for exactly that moment, and nothing lets it out earlier. Later a person may, because what is late is theirs
    to judge (decision 0002). What goes as soon as it is approved (`when_approved`) is planned for no later moment.
    """
    if when_approved and planned:
        words = "Its reviewers read that it goes as soon as it is approved, so it is planned for no later time. Release it now, or choose"
        return [Reason("other_time", f"{words} a time in the draft: it is an edit of reach.")]
    if goes_at is None or at is None or at == goes_at or (at > goes_at and not planned):
        return []
    words = f"Its reviewers read that it goes at {goes_at.astimezone(UTC):%d %b %Y %H:%M} UTC, and it goes at no other time."
    return [Reason("other_time", f"{words} Change the time in the draft: it is an edit of reach.")]


def may_let_out(person: Releaser) -> list[Reason]:
    """Why this person may not release; empty when they may. The incident's commander or an owner of the audience releases."""
    if not person.holds_permission:
        return [Reason("no_permission", "You may not release updates. Ask the incident's commander.", Cause.FORBIDDEN)]
    if person.commands_incident or person.is_commander or person.owns_audiences:
        return []
    return [Reason("not_in_charge", "Only an incident commander or the owner of the audience releases this update.", Cause.FORBIDDEN)]


def is_too_late(*, due_at: datetime, now: datetime, bound: timedelta = LATE_BOUND) -> bool:
    """Whether a scheduled release is so late that a person has to look at it first."""
    return now - due_at > bound
