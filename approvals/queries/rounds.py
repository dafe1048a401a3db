"""Rounds, their slots and the verdicts in them."""

from django.db.models import QuerySet

from accounts.models import User
from approvals.models import ReleaseSchedule, Review, ReviewRound, ReviewSlot
from approvals.rules.review import Given
from approvals.rules.words import LIVE_ROUNDS, ScheduleState
from core.errors import InvalidInput
from incidents.models import Update, UpdateContributor


def live_round(update: Update) -> ReviewRound | None:
    """The round that is open or approved; an update has at most one (constraint `approvals_one_live_round`)."""
    return ReviewRound.objects.filter(update_of=update, state__in=LIVE_ROUNDS).select_related("revision").first()


def asked_kinds(review_round: ReviewRound) -> frozenset[str]:
    """The kinds of review that the round asks for."""
    return frozenset(review_round.slots.values_list("kind", flat=True))


def given_verdicts(review_round: ReviewRound) -> dict[str, Given]:
    """The verdict per kind, for the kinds that have one: given in this round, or carried over from an earlier one."""
    own = review_round.reviews.values_list("slot__kind", "reviewer__person", "verdict", "content_hash")
    carried = review_round.carried_reviews.values_list("slot__kind", "review__reviewer__person", "review__verdict", "to_hash")
    return {
        kind: Given(reviewer=str(reviewer), verdict=verdict, content_hash=content) for kind, reviewer, verdict, content in (*own, *carried)
    }


def contributors_of(update: Update) -> frozenset[str]:
    """Every person who ever wrote at the update or put it forward, under whichever account."""
    return frozenset(str(user) for user in UpdateContributor.objects.filter(update_of=update).values_list("user__person", flat=True))


def open_slots(review_round: ReviewRound) -> QuerySet[ReviewSlot]:
    """The slots that nobody has filled."""
    return review_round.slots.filter(review__isnull=True, carried__isnull=True)


def last_round(update: Update) -> ReviewRound | None:
    """The newest round of the update, whatever became of it."""
    return ReviewRound.objects.filter(update_of=update).select_related("revision").order_by("-id").first()


def reviews_of(update: Update) -> QuerySet[Review]:
    """Every verdict ever given on the update, newest first."""
    return Review.objects.filter(round__update_of=update).select_related("slot", "round", "reviewer", "revision").order_by("-id")


def last_verdict_of(user: User, update: Update) -> Review | None:
    """The newest verdict of this person, under whichever account: its revision is the left side of the difference they are shown."""
    return reviews_of(update).filter(reviewer__person=user.person).first()


def pending_schedule(update: Update) -> ReleaseSchedule | None:
    """The scheduled release that waits for its time; an update has at most one."""
    return ReleaseSchedule.objects.filter(update_of=update, state=ScheduleState.PENDING).select_related("revision").first()


def revision_number(update: Update, given: object) -> int:
    """The number of the revision named by its number or its content hash.

    Raises `InvalidInput` when the update has no such revision. A hash that occurs twice (words changed and changed back)
    means the newest.
    """
    named = update.revisions.order_by("-number")
    if isinstance(given, int) and not isinstance(given, bool):
        found = named.filter(number=given).first()
    else:
        found = named.filter(content_hash=str(given)).first()
    if found is None:
        raise InvalidInput(
            "The revision is not one of this update's.",
            fields={"revision": ["Give the number or the content hash of the revision that you read."]},
        )
    return found.number
