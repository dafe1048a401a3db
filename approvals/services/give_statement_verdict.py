"""One person's verdict on the exact words of a holding statement."""

from datetime import datetime

from accounts.actors import Actor
from approvals.models import Review
from approvals.queries.statements import statement_complete, statement_review_facts, statement_round
from approvals.rules.review import may_review
from approvals.rules.words import RoundState, Verdict
from approvals.services.give_verdict import checked_verdict, who_reviews
from approvals.services.refuse import refuse_if
from approvals.services.review_links import spend_link
from approvals.services.void_round import close_round
from audit.services import unit_of_work
from core.errors import Conflict, NotFound
from templates.rules.holding import HoldingState
from templates.services.move_statement import move
from templates.services.write_statement import lock_statement


def give_statement_verdict(
    *, actor: Actor, now: datetime, statement_id: int, kind: str, verdict: str, number: int, comment: str = ""
) -> Review:
    """Records the verdict of the signed-in person on version `number`; the last approval asked for puts it in force.

    Then the version approved before is retired. Asking for changes closes the round and makes the version a draft again.
    Raises `NotFound`, `Forbidden` (a token, no such role, a contributor, the other review already given),
    `StepUpRequired`, `Conflict` (not in review, already given), `StaleRevision`, `InvalidInput`.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        statement = lock_statement(statement_id)
        user = who_reviews(actor, kind, now)
        version = statement.versions.order_by("-number").first()
        if version is None:
            raise NotFound
        refuse_if(may_review(statement_review_facts(actor=actor, user=user, version=version, kind=kind, number=number, at=now)))
        said = checked_verdict(verdict, comment)
        review_round = statement_round(version)
        if review_round is None:
            raise Conflict("No review is asked for.", code="not_in_review")
        review = Review.objects.create(
            slot=review_round.slots.get(kind=kind),
            round=review_round,
            reviewer=user,
            verdict=said,
            holding_version=version,
            content_hash=version.content_hash,
            comment=comment.strip(),
            at=now,
        )
        spend_link(review.slot, user, now=now)
        work.record(
            "review.given",
            subject=f"holding:{statement.public_id}",
            policy_version=review_round.policy_version,
            body={"kind": kind, "verdict": said.value, "version": version.number, "content_hash": version.content_hash}
            | ({"comment": review.comment} if review.comment else {}),
        )
        if said is Verdict.REQUEST_CHANGES:
            close_round(review_round, RoundState.CHANGES_REQUESTED, now=now)
            move(work, version, HoldingState.DRAFT)
        elif statement_complete(version):
            # The round first: the database lets a version be approved only under an approved round.
            review_round.state = RoundState.APPROVED
            review_round.save(update_fields=["state"])
            move(work, version, HoldingState.APPROVED)
        return review
