"""Who decides on an update, who is waited for and why others are not: the same answer for pages, notices and the API."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.queries.availability import facts_at
from accounts.rules.duties import Duty
from approvals.models import CarriedReview, Review, ReviewRound, ReviewSlot, SlotClaim
from approvals.queries.people import candidates, person_of
from approvals.queries.rounds import contributors_of, given_verdicts
from approvals.queries.subject import subject_of
from approvals.queries.wanted import wanted_reviews
from approvals.rules.eligibility import Candidate, first_asked
from approvals.rules.review import named
from approvals.rules.windows import share_left
from incidents.models import Update
from incidents.rules.content import Content


@dataclass(frozen=True)
class Person:
    """Somebody who holds the role. `called` tells that they were asked; `reasons` why they cannot act."""

    user: User
    tier: int
    called: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class SlotState:
    """One review of a round. `left` is the share of the window that is left, in per cent.

    `waiting` are those asked who can act, `next_up` those who would be called in later, `skipped` those who cannot act.
    """

    slot: ReviewSlot
    review: Review | None
    carried: CarriedReview | None
    claim: SlotClaim | None
    left: int
    late: bool
    waiting: tuple[Person, ...] = ()
    next_up: tuple[Person, ...] = ()
    skipped: tuple[Person, ...] = ()

    @property
    def words(self) -> str:
        """For instance "Public relations review"."""
        return f"{named(self.slot.kind).capitalize()} review"

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.review is None and self.carried is None


def slot_states(review_round: ReviewRound, *, at: datetime) -> list[SlotState]:
    """Every slot of the round with its people, in the order in which the policy names them."""
    slots = list(review_round.slots.prefetch_related("calls"))
    own = {review.slot_id: review for review in review_round.reviews.select_related("reviewer", "revision")}
    carried = {row.slot_id: row for row in review_round.carried_reviews.select_related("review__reviewer", "from_revision")}
    open_claims = SlotClaim.objects.filter(slot__round=review_round, given_up_at__isnull=True).select_related("user")
    claims = {claim.slot_id: claim for claim in open_claims}
    subject = subject_of(review_round)
    reviewed = {given.reviewer for given in given_verdicts(review_round).values()}
    facts = facts_at([Duty(slot.kind) for slot in slots], at)
    found = []
    for slot in slots:
        is_open = slot.pk not in own and slot.pk not in carried
        holders = candidates(
            duty=Duty(slot.kind),
            incident=subject.incident,
            at=at,
            contributors=subject.contributors,
            training_required=review_round.training_required,
            facts=facts,
        )
        people = _people(slot, reviewed, holders) if is_open else []
        able = [one for one in people if not one.reasons]
        found.append(
            SlotState(
                slot=slot,
                review=own.get(slot.pk),
                carried=carried.get(slot.pk),
                claim=claims.get(slot.pk),
                left=share_left(opened_at=review_round.opened_at, due_at=slot.due_at, now=at),
                late=slot.due_at <= at,
                waiting=tuple(one for one in able if one.called),
                next_up=tuple(one for one in able if not one.called),
                skipped=tuple(one for one in people if one.reasons),
            )
        )
    return found


def _people(slot: ReviewSlot, reviewed: set[str], holders: list[tuple[User, Candidate]]) -> list[Person]:
    called = {call.user_id for call in slot.calls.all()}
    return [Person(user, one.tier, user.pk in called, _reasons(one, reviewed)) for user, one in holders]


def _reasons(candidate: Candidate, reviewed: set[str]) -> tuple[str, ...]:
    gave = ("gave another review of it",) if candidate.person in reviewed else ()
    return (*candidate.reasons, *gave)


@dataclass(frozen=True)
class Asked:
    """Who would be asked for one kind of review, were it asked for now."""

    kind: str
    window_minutes: int
    asked: tuple[User, ...]
    next_up: tuple[User, ...]
    skipped: tuple[Person, ...]


def who_would_be_asked(update: Update, content: Content, *, asking: User | None, at: datetime) -> list[Asked]:
    """For each review that the update needs, whom the request would ask and whom not. Whoever asks reviews nothing."""
    wanted = wanted_reviews(update, content)
    wrote = contributors_of(update) | (frozenset({person_of(asking)}) if asking else frozenset())
    facts = facts_at([Duty(kind) for kind, _ in wanted.windows], at)
    found = []
    for kind, minutes in wanted.windows:
        holders = candidates(
            duty=Duty(kind),
            incident=update.incident,
            at=at,
            contributors=wrote,
            training_required=wanted.training_required,
            facts=facts,
        )
        first = {one.user for one in first_asked([one for _, one in holders])}
        found.append(
            Asked(
                kind=kind,
                window_minutes=minutes,
                asked=tuple(user for user, one in holders if one.user in first),
                next_up=tuple(user for user, one in holders if one.can_act and one.user not in first),
                skipped=tuple(Person(user, one.tier, False, one.reasons) for user, one in holders if not one.can_act),
            )
        )
    return found
