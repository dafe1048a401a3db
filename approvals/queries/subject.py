"""What a round is about, for whatever goes the same way with an update and with a holding statement: clocks, calls, letters."""

from dataclasses import dataclass

from approvals.models import ReviewRound
from approvals.queries.rounds import contributors_of
from approvals.queries.statements import statement_contributors
from approvals.rules.words import Step
from incidents.models import Incident

# The joins that `subject_of` reads, as from a slot.
SUBJECT_OF_SLOT = ("round__update_of__incident", "round__holding_version__statement", "round__requested_by")


@dataclass(frozen=True)
class Subject:
    """`ref` is its name in the log, `path` the page on which it is reviewed; `contributors` are persons.

    `incident` is what a reviewer has to be allowed to see, and whose timeline is told; a statement belongs to none.
    `last_step` is where its clock ends: no override stands in for the review of a statement.
    """

    ref: str
    title: str
    path: str
    incident: Incident | None
    contributors: frozenset[str]
    last_step: Step

    @property
    def is_statement(self) -> bool:
        """Whether it is a holding statement."""
        return self.incident is None


def subject_of(review_round: ReviewRound) -> Subject:
    """The update, or the holding statement, that the round is about."""
    version = review_round.holding_version
    if version is None:
        update = review_round.update_of
        return Subject(
            ref=f"update:{update.public_id}",
            title=update.incident.title,
            path=f"/console/updates/{update.public_id}/review/",
            incident=update.incident,
            contributors=contributors_of(update),
            last_step=Step.OVERRIDE_HOLDER,
        )
    statement = version.statement
    return Subject(
        ref=f"holding:{statement.public_id}",
        title=statement.name,
        path=f"/console/holding/{statement.public_id}/review/",
        incident=None,
        contributors=statement_contributors(statement),
        last_step=Step.NEXT_TIER,
    )
