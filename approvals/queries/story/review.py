"""What reviewers were asked, said, marked and disputed."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Prefetch

from accounts.actors import Actor
from accounts.models import User
from approvals.models import CarriedReview, Dispute, PassageComment, Review, ReviewRound, ReviewSlot, SlotCall, SlotClaim
from approvals.queries.rounds import given_verdicts, live_round, open_slots
from approvals.rules.review import named, permission_for
from approvals.rules.story import Moment, Told, voided_words
from approvals.rules.words import RoundState, Verdict
from incidents.models import Update

SAID = {
    Verdict.APPROVE: "approved these words",
    Verdict.REQUEST_CHANGES: "asked for changes",
    Verdict.DISPUTE: "disputed a passage",
}
ENDED = {
    RoundState.CHANGES_REQUESTED: "The review ended: changes are wanted",
    RoundState.OVERRIDDEN: "The review ended by an override",
}


def rounds_kept_back(update: Update, actor: Actor) -> frozenset[int]:
    """The open round in which this person still has a review to give: its verdicts are not shown to them yet."""
    found = live_round(update)
    if found is None or found.state != RoundState.OPEN or actor.user is None:
        return frozenset()
    if found.reviews.filter(reviewer=actor.user).exists():
        return frozenset()
    waiting = (permission_for(slot.kind) for slot in open_slots(found))
    return frozenset({found.pk}) if any(permission and actor.may(permission) for permission in waiting) else frozenset()


def review_of(update: Update, *, kept_back: frozenset[int]) -> Iterator[Told]:
    """Rounds from the first to the last, with everything that happened in each."""
    slots = Prefetch("slots", ReviewSlot.objects.prefetch_related("calls__user", "claims__user"))
    rounds = ReviewRound.objects.filter(update_of=update).select_related("revision", "requested_by").prefetch_related(slots).order_by("id")
    for found in rounds:
        yield _request(found)
        for slot in found.slots.all():
            yield from (_call(found, slot, call) for call in slot.calls.all() if call.step)
            yield from (_claim(found, slot, claim) for claim in slot.claims.all())
        hidden = found.pk in kept_back
        yield from (_verdict(found, review, hidden=hidden) for review in found.reviews.select_related("slot", "reviewer"))
        if not hidden:
            yield from (_comment(found, comment) for comment in found.comments.select_related("author"))
        carried = found.carried_reviews.select_related("slot", "review__reviewer", "from_revision", "to_revision")
        yield from (_carried(found, kept) for kept in carried)
        if found.closed_at is not None and (words := _ended(found, update, found.closed_at)):
            yield Told(found.closed_at, Moment.CLOSED, "system:review", words, revision=found.revision.number)
    for dispute in update.disputes.select_related("by", "revision", "slot", "ruling__by", "ruling__revision").order_by("id"):
        yield from _dispute(dispute, hidden=dispute.review_round_id in kept_back)


def _ended(found: ReviewRound, update: Update, at: datetime) -> str:
    """How the round ended, in words; nothing for one that still counts.

    A round is void because its words were changed after it was opened, or else because the update was withdrawn, or because
    the same words were put forward once more.
    """
    if found.state != RoundState.VOIDED:
        return ENDED.get(RoundState(found.state), "")
    approved = [given for given in given_verdicts(found).values() if given.verdict == Verdict.APPROVE]
    kept = CarriedReview.objects.filter(round__update_of=update, round__gt=found.pk, at=at).count()
    return voided_words(len(approved), kept, _voided_because(found, update, at))


def _voided_because(found: ReviewRound, update: Update, at: datetime) -> str:
    after = update.revisions.filter(number__gt=found.revision.number, created_at__lte=at).order_by("number").first()
    if after is not None:
        changed = after.parsed().wording != found.revision.parsed().wording
        return "the words changed" if changed else "what it states, or whom it reaches, changed"
    again = ReviewRound.objects.filter(update_of=update, pk__gt=found.pk).exists()
    return "another review was asked for" if again else "the update was withdrawn"


def _request(found: ReviewRound) -> Told:
    slots = list(found.slots.all())
    kinds = ", ".join(named(slot.kind) for slot in slots)
    return Told(
        at=found.opened_at,
        kind=Moment.REQUEST,
        by=_ref(found.requested_by),
        words=f"Review asked for: {kinds}",
        revision=found.revision.number,
        detail={
            "policy_version": found.policy_version,
            "content_hash": found.revision.content_hash,
            "slots": [{"kind": slot.kind, "due_at": slot.due_at.isoformat()} for slot in slots],
        },
    )


def _call(found: ReviewRound, slot: ReviewSlot, call: SlotCall) -> Told:
    words = f"{call.user.get_full_name()} called in for the {named(slot.kind)} review ({call.step.replace('_', ' ')})"
    return Told(call.called_at, Moment.CALL, "system:review", words, revision=found.revision.number, detail={"kind": slot.kind})


def _claim(found: ReviewRound, slot: ReviewSlot, claim: SlotClaim) -> Told:
    words = f"“I am reviewing this”: {named(slot.kind)}"
    return Told(claim.claimed_at, Moment.CLAIM, _ref(claim.user), words, revision=found.revision.number, detail={"kind": slot.kind})


def _verdict(found: ReviewRound, review: Review, *, hidden: bool) -> Told:
    if hidden:
        words = f"{named(review.slot.kind).capitalize()} review given; it shows once you have given yours"
        return Told(review.at, Moment.VERDICT, "system:review", words, revision=found.revision.number)
    return Told(
        at=review.at,
        kind=Moment.VERDICT,
        by=_ref(review.reviewer),
        words=f"{named(review.slot.kind).capitalize()} review: {SAID[Verdict(review.verdict)]}",
        text=review.comment,
        revision=found.revision.number,
        detail={"kind": review.slot.kind, "verdict": review.verdict, "content_hash": review.content_hash},
    )


def _comment(found: ReviewRound, comment: PassageComment) -> Told:
    words = f"Comment on “{_short(comment.quote)}” ({comment.audience})"
    detail = {"audience": comment.audience, "language": comment.language, "field": comment.field, "quote": comment.quote}
    return Told(comment.at, Moment.COMMENT, _ref(comment.author), words, comment.text, found.revision.number, detail)


def _carried(found: ReviewRound, kept: CarriedReview) -> Told:
    kind = named(kept.slot.kind).capitalize()
    words = (
        f"{kind} review of version {kept.from_revision.number} still stands on version {kept.to_revision.number}"
        f" ({kept.because.replace('_', ' ')})"
    )
    detail = {"kind": kept.slot.kind, "from_hash": kept.from_hash, "to_hash": kept.to_hash, "because": kept.because}
    return Told(kept.at, Moment.CARRIED, _ref(kept.review.reviewer), words, revision=kept.to_revision.number, detail=detail)


def _dispute(dispute: Dispute, *, hidden: bool) -> Iterator[Told]:
    if hidden:
        return
    detail = {"id": dispute.public_id, "audience": dispute.audience, "language": dispute.language, "field": dispute.field}
    words = f"Passage disputed: “{_short(dispute.quote)}” ({dispute.audience})"
    more = detail | {"quote": dispute.quote, "due_at": dispute.due_at.isoformat(), "state": dispute.state}
    yield Told(dispute.at, Moment.DISPUTE, _ref(dispute.by), words, dispute.reason, dispute.revision.number, more)
    ruling = getattr(dispute, "ruling", None)
    if ruling is not None:
        made = ruling.revision.number if ruling.revision is not None else dispute.revision.number
        late = ", after the deadline" if ruling.late else ""
        told = f"Ruling on “{_short(dispute.quote)}”: {ruling.kind}{late}"
        what = detail | {"ruling": ruling.kind, "words": ruling.words}
        yield Told(ruling.at, Moment.RULING, _ref(ruling.by), told, ruling.reason, made, what)
    elif dispute.closed_at is not None:
        yield Told(
            dispute.closed_at, Moment.RULING, _ref(dispute.by), f"Dispute {dispute.state}", revision=dispute.revision.number, detail=detail
        )


def _ref(user: User) -> str:
    return f"user:{user.pk}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
