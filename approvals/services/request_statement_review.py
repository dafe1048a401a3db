"""Asks for review of a holding statement, ahead of need."""

from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from approvals.events import StatementReviewRequested
from approvals.models import ReviewRound, ReviewSlot
from approvals.rules.statements import STATEMENT_WINDOW, statement_kinds
from approvals.services.open_clocks import open_clocks
from audit.services import unit_of_work
from core.errors import Forbidden, NotFound, StaleRevision
from core.events import publish
from policies.queries import active_policy
from templates.services.move_statement import put_forward
from templates.services.write_statement import lock_statement


def request_statement_review(*, actor: Actor, now: datetime, statement_id: int, number: int, expires_at: datetime) -> ReviewRound:
    """Opens a round over version `number`, to be approved until `expires_at`, at most 180 days from now.

    Technical and communications review it, and legal where the scenario says so. Whoever asks counts as a contributor. Those on
    duty are called, the others as the clock of each review runs, like for an update.
    Raises `NotFound`, `Forbidden`, `Conflict` (no draft), `StaleRevision`, `InvalidInput` (expiry).
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        statement = lock_statement(statement_id)
        actor.require(Permission.HOLDING_WRITE)
        if actor.user is None:
            raise Forbidden("Review is asked for in somebody's name: sign in, or use a person's token.")
        version = statement.versions.order_by("-number").first()
        if version is None:
            raise NotFound
        if version.number != number:
            raise StaleRevision(f"Version {version.number} is the newest. Read it, then ask for its review.")
        put_forward(actor=actor, now=now, version=version, expires_at=expires_at)
        review_round = ReviewRound.objects.create(
            holding_version=version,
            requested_by=actor.user,
            policy_version=active_policy().number,
            training_required=True,
            opened_at=now,
        )
        kinds = statement_kinds(statement.scenario)
        ReviewSlot.objects.bulk_create(ReviewSlot(round=review_round, kind=kind, due_at=now + STATEMENT_WINDOW) for kind in kinds)
        open_clocks(review_round, now=now)
        work.record(
            "review.requested",
            subject=f"holding:{statement.public_id}",
            policy_version=review_round.policy_version,
            body={
                "version": version.number,
                "content_hash": version.content_hash,
                "kinds": list(kinds),
                "expires_at": expires_at.isoformat(),
            },
        )
        publish(StatementReviewRequested(round_id=review_round.pk, statement_id=statement.pk, at=now))
        return review_round
