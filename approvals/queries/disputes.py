"""Disputes on behalf of somebody, and those that keep an update from being approved."""

from django.db.models import QuerySet

from accounts.actors import Actor
from approvals.models import Dispute, ReviewRound, Ruling
from approvals.queries.people import person_of
from approvals.rules.dispute import DisputeState, Passage, RulingKind
from core.errors import NotFound
from incidents.models import Incident, Update

_JOINED = ("update_of__incident", "update_of__current", "slot", "by", "revision", "ruling__by", "ruling__revision")


def disputes_visible_to(actor: Actor) -> QuerySet[Dispute]:
    """Every dispute of incidents the actor may see, newest first."""
    return Dispute.objects.filter(update_of__incident__in=Incident.objects.visible_to(actor)).select_related(*_JOINED)


def visible_dispute(actor: Actor, public_id: str) -> Dispute:
    """The dispute; raises `NotFound` for a missing and for a hidden one alike."""
    found = disputes_visible_to(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def open_disputes(update: Update) -> QuerySet[Dispute]:
    """Disputes that wait for a ruling, oldest first."""
    return Dispute.objects.filter(update_of=update, state=DisputeState.OPEN).select_related("slot", "by", "revision").order_by("id")


def is_disputed(update: Update) -> bool:
    """Whether a passage of the update waits for a ruling: then it is not approved, whatever reviewers say."""
    return open_disputes(update).exists()


def passage_of(dispute: Dispute) -> Passage:
    """The passage as a value, with the offsets it had when it was disputed."""
    return Passage(dispute.audience, dispute.language, dispute.field, dispute.start, dispute.end, dispute.quote)


def only_struck(update: Update) -> frozenset[str]:
    """People who count as contributors for rulings that struck a passage and for nothing else.

    They added no word, so one arbiter may rule on every dispute of an update.
    """
    strikes = Ruling.objects.filter(dispute__update_of=update, kind=RulingKind.STRIKE).select_related("by")
    struck = {strike.by for strike in strikes}
    wrote = set(update.revisions.exclude(pk__in=strikes.values("revision")).values_list("author_id", flat=True))
    asked = set(update.rounds.values_list("requested_by_id", flat=True))
    return frozenset(person_of(user) for user in struck if user.pk not in wrote | asked)


def by_arbiters_words(review_round: ReviewRound) -> bool:
    """Whether an arbiter reworded a passage since somebody last asked for review: nobody who may release asked to let these words go."""
    rounds = ReviewRound.objects.filter(update_of=review_round.update_of_id, pk__lte=review_round.pk).order_by("-id")
    for kind in rounds.values_list("opened_by_ruling__kind", flat=True):
        if kind != RulingKind.STRIKE:
            return bool(kind == RulingKind.REWORD)
    return False
