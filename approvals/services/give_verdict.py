"""One person's verdict on the exact words."""

from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from approvals.events import VerdictGiven
from approvals.models import Review, ReviewRound
from approvals.queries.gate import review_facts
from approvals.queries.rounds import live_round
from approvals.rules.review import may_review, named, permission_for
from approvals.rules.words import RoundState, Verdict
from approvals.services.after_verdict import after_verdict
from approvals.services.approving import approve_when_complete
from approvals.services.locking import lock_update
from approvals.services.refuse import refuse_if
from approvals.services.review_links import require_own_link
from approvals.services.void_round import close_round
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput
from core.events import publish
from incidents.models import Update
from incidents.rules.words import UpdateState
from incidents.services import set_update_state
from incidents.services.timeline import note

LONGEST_COMMENT = 4000


def give_verdict(
    *, actor: Actor, now: datetime, update_id: int, kind: str, verdict: str, revision: int, comment: str = "", link: str = ""
) -> Review:
    """Records the verdict of the signed-in person; the last approval asked for approves the update.

    Asking for changes closes the round and makes the update a draft again; the comment stays in the timeline. `link` is
    the token of a review link, if they came by one: it counts for exactly the person and the review that it was made for.
    Raises `NotFound`, `Forbidden` (a token, no such role, a contributor, the other review already given),
    `StepUpRequired`, `Conflict` (not in review, already given), `StaleRevision`, `InvalidInput`.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        update = lock_update(actor=actor, update_id=update_id)
        user = who_reviews(actor, kind, now)
        refuse_if(may_review(review_facts(actor=actor, user=user, update=update, kind=kind, revision=revision, at=now)))
        said = checked_verdict(verdict, comment)
        review_round = live_round(update)
        if review_round is None:
            raise Conflict("No review is asked for.", code="not_in_review")
        slot = review_round.slots.get(kind=kind)
        require_own_link(link, slot=slot, user=user)
        review = Review.objects.create(
            slot=slot,
            round=review_round,
            reviewer=user,
            verdict=said,
            revision=review_round.revision,
            content_hash=review_round.revision.content_hash,
            comment=comment.strip(),
            at=now,
        )
        work.record(
            "review.given",
            subject=f"update:{update.public_id}",
            policy_version=review_round.policy_version,
            body={"kind": kind, "verdict": said.value, "revision": review.revision.number, "content_hash": review.content_hash}
            | ({"comment": review.comment} if review.comment else {}),
        )
        _tell(actor, now, update, review, kind)
        after_verdict(actor=actor, now=now, user=user, update=update, review=review)
        publish(VerdictGiven(review_id=review.pk, update_id=update.pk, at=now))
        if said is Verdict.REQUEST_CHANGES:
            _back_to_draft(actor, now, update, review_round)
        else:
            approve_when_complete(work, actor=actor, update=update, review_round=review_round)
        return review


def who_reviews(actor: Actor, kind: str, now: datetime) -> User:
    """The signed-in person with the role for this review, whose identity was proved just now."""
    actor.require_person()
    if permission := permission_for(kind):
        actor.require(permission)
    return actor.require_step_up(now)


def checked_verdict(given: str, comment: str) -> Verdict:
    """The verdict as a word of ours. Raises `InvalidInput` for another, and for changes asked for without saying which."""
    try:
        verdict = Verdict(given)
    except ValueError:
        raise InvalidInput("There is no such verdict.", fields={"verdict": ["Say approve or request_changes."]}) from None
    if verdict is Verdict.DISPUTE:
        raise InvalidInput("A dispute marks a passage.", fields={"verdict": ["Say approve or request_changes."]})
    if verdict is Verdict.REQUEST_CHANGES and not comment.strip():
        raise InvalidInput("Say what to change.", fields={"comment": ["Say what to change, so that the author can."]})
    if len(comment) > LONGEST_COMMENT:
        raise InvalidInput("The comment is too long.", fields={"comment": [f"Use at most {LONGEST_COMMENT} characters."]})
    return verdict


def _tell(actor: Actor, now: datetime, update: Update, review: Review, kind: str) -> None:
    words = f"{named(kind).capitalize()} review: " + ("approved" if review.verdict == Verdict.APPROVE else "changes requested")
    # A line of the timeline is short and may cut the comment; the whole of it stays with the review.
    text = f"{words}: {review.comment}" if review.comment else words
    note(update.incident, actor=actor, now=now, kind="verdict", text=text, detail={"update": update.public_id, "review": review.pk})


def _back_to_draft(actor: Actor, now: datetime, update: Update, review_round: ReviewRound) -> None:
    close_round(review_round, RoundState.CHANGES_REQUESTED, now=now)
    set_update_state(actor=actor, now=now, update=update, to=UpdateState.DRAFT)
