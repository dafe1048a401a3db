"""What the rule of reviews reads of a round: of one, or of many at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from accounts.queries.roster_facts import RosterFacts
from approvals.models import CarriedReview, Review, ReviewRound, ReviewSlot
from approvals.queries.people import person_of, unable
from approvals.queries.rounds import asked_kinds, given_verdicts
from approvals.rules.reasons import Reason
from approvals.rules.review import Given, ReviewFacts, may_review, permission_for
from incidents.models import UpdateContributor
from templates.models import HoldingContributor


@dataclass(frozen=True)
class RoundReads:
    """Of one round: the persons who wrote at its subject, the kinds it asks for, the verdicts that stand in it."""

    contributors: frozenset[str]
    asked: frozenset[str]
    given: Mapping[str, Given]


def read_round(found: ReviewRound | None, contributors: frozenset[str]) -> RoundReads:
    """The same of a single round, or of a subject that has none that is live."""
    if found is None:
        return RoundReads(contributors, frozenset(), {})
    return RoundReads(contributors, asked_kinds(found), given_verdicts(found))


def reads_of(rounds: Iterable[ReviewRound]) -> dict[int, RoundReads]:
    """Per round what `contributors_of`, `asked_kinds` and `given_verdicts` would say, in five queries however many rounds there are."""
    by_id = {one.pk: one for one in rounds}
    wrote: dict[int | None, set[str]] = defaultdict(set)
    updates = [one.update_of_id for one in by_id.values() if one.update_of_id]
    for update, person in UpdateContributor.objects.filter(update_of__in=updates).values_list("update_of", "user__person"):
        wrote[update].add(str(person))
    said: dict[int | None, set[str]] = defaultdict(set)
    versions = [one.holding_version_id for one in by_id.values() if one.holding_version_id]
    contributors = HoldingContributor.objects.filter(statement__versions__in=versions)
    for version, person in contributors.values_list("statement__versions", "user__person"):
        said[version].add(str(person))
    asked: dict[int, set[str]] = defaultdict(set)
    for pk, kind in ReviewSlot.objects.filter(round__in=by_id).values_list("round", "kind"):
        asked[pk].add(kind)
    given: dict[int, dict[str, Given]] = defaultdict(dict)
    own = Review.objects.filter(round__in=by_id).values_list("round", "slot__kind", "reviewer__person", "verdict", "content_hash")
    carried = CarriedReview.objects.filter(round__in=by_id).values_list(
        "round", "slot__kind", "review__reviewer__person", "review__verdict", "to_hash"
    )
    for pk, kind, reviewer, verdict, content in (*own, *carried):
        given[pk][kind] = Given(reviewer=str(reviewer), verdict=verdict, content_hash=content)
    return {
        pk: RoundReads(
            frozenset(wrote[one.update_of_id] if one.update_of_id else said[one.holding_version_id]), frozenset(asked[pk]), given[pk]
        )
        for pk, one in by_id.items()
    }


def facts_of_review(
    found: ReviewRound | None,
    read: RoundReads,
    *,
    actor: Actor,
    user: User,
    kind: str,
    state: str,
    revision_is_current: bool,
    at: datetime,
    roster: RosterFacts | None = None,
) -> ReviewFacts:
    """What `may_review` reads. `found` is the round that `read` was read of; `roster` is of `facts_at` for the same moment."""
    permission = permission_for(kind)
    return ReviewFacts(
        state=state,
        kind=kind,
        reviewer=person_of(user),
        holds_permission=permission is None or actor.may(permission),
        revision_is_current=revision_is_current,
        contributors=read.contributors,
        asked=read.asked,
        given=read.given,
        unable=unable(user, kind=kind, at=at, training_required=found.training_required, facts=roster) if found and permission else (),
    )


def why_not(
    slot: ReviewSlot, read: RoundReads, *, actor: Actor, state: str, revision_is_current: bool, roster: RosterFacts, at: datetime
) -> tuple[Reason, ...]:
    """Why the signed-in person may not give this review; empty when they may. `roster` is of `facts_at` for the same moment."""
    facts = facts_of_review(
        slot.round,
        read,
        actor=actor,
        user=actor.require_person(),
        kind=slot.kind,
        state=state,
        revision_is_current=revision_is_current,
        at=at,
        roster=roster,
    )
    return tuple(may_review(facts))
