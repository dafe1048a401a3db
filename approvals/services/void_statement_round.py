"""An edit of a holding statement takes the ground from under the verdicts given so far."""

from datetime import datetime

from approvals.models import ReviewRound
from approvals.rules.words import RoundState
from approvals.services.void_round import close_round
from audit.services import unit_of_work


def void_statement_round(*, actor: str, now: datetime, version_id: int) -> None:
    """Voids the open round over this version, whose place a newer one took. The caller holds the statement's lock."""
    rounds = ReviewRound.objects.about_statements().filter(holding_version_id=version_id, state=RoundState.OPEN)
    review_round = rounds.select_related("holding_version__statement").first()
    if review_round is None or review_round.holding_version is None:
        return
    version = review_round.holding_version
    with unit_of_work(actor=actor, now=now) as work:
        close_round(review_round, RoundState.VOIDED, now=now)
        work.record(
            "review.voided",
            subject=f"holding:{version.statement.public_id}",
            policy_version=review_round.policy_version,
            body={"version": version.number, "verdicts": review_round.reviews.count()},
        )
