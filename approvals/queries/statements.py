"""Rounds over holding statements: what the rules read, and what waits for a reviewer."""

from datetime import datetime

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.models import User
from approvals.models import Review, ReviewRound
from approvals.queries.people import person_of
from approvals.queries.reading import facts_of_review, read_round
from approvals.queries.rounds import asked_kinds, given_verdicts
from approvals.rules.reasons import Reason
from approvals.rules.review import ReviewFacts, is_complete, may_review
from approvals.rules.words import LIVE_ROUNDS, RoundState, Verdict
from policies.rules.decision import ReviewKind
from templates.models import HoldingContributor, HoldingStatement, HoldingStatementVersion


def statement_round(version: HoldingStatementVersion) -> ReviewRound | None:
    """The round over this version that is open or approved; there is at most one (`approvals_one_live_statement_round`)."""
    return ReviewRound.objects.about_statements().filter(holding_version=version, state__in=LIVE_ROUNDS).first()


def last_statement_round(statement: HoldingStatement) -> ReviewRound | None:
    """The newest round over any version of the statement, whatever became of it; `None` where review was never asked for."""
    rounds = ReviewRound.objects.about_statements().filter(holding_version__statement=statement)
    return rounds.select_related("holding_version__statement").order_by("-id").first()


def statement_contributors(statement: HoldingStatement) -> frozenset[str]:
    """Every person who ever wrote at the statement or put it forward, under whichever account."""
    return frozenset(person_of(row.user) for row in HoldingContributor.objects.filter(statement=statement).select_related("user"))


def statement_review_facts(
    *, actor: Actor, user: User, version: HoldingStatementVersion, kind: str, number: int, at: datetime
) -> ReviewFacts:
    """What `may_review` reads about a version. A service holds the statement's lock meanwhile."""
    found = statement_round(version)
    return facts_of_review(
        found,
        read_round(found, statement_contributors(version.statement)),
        actor=actor,
        user=user,
        kind=kind,
        state=version.state,
        revision_is_current=found is not None and version.number == number,
        at=at,
    )


def statement_blockers(*, actor: Actor, version: HoldingStatementVersion, kind: str, at: datetime) -> list[Reason]:
    """Why the signed-in person may not review this version; empty when they may."""
    user = actor.require_person()
    return may_review(statement_review_facts(actor=actor, user=user, version=version, kind=kind, number=version.number, at=at))


def statement_complete(version: HoldingStatementVersion) -> bool:
    """Whether the live round has every review it asks for, each an approval of exactly these words by another person."""
    found = statement_round(version)
    return found is not None and is_complete(
        asked=asked_kinds(found),
        given=given_verdicts(found),
        contributors=statement_contributors(version.statement),
        content_hash=version.content_hash,
    )


def legally_approved(version: HoldingStatementVersion) -> bool:
    """Whether legal approved exactly these words."""
    found = statement_round(version)
    if found is None or found.state != RoundState.APPROVED:
        return False
    approving = found.reviews.filter(slot__kind=ReviewKind.LEGAL, verdict=Verdict.APPROVE, content_hash=version.content_hash)
    return approving.exists()


def statement_reviews(statement: HoldingStatement) -> "QuerySet[Review]":
    """Every verdict ever given on the statement, newest first."""
    rows = Review.objects.filter(holding_version__statement=statement)
    return rows.select_related("slot", "round", "reviewer", "holding_version").order_by("-id")
