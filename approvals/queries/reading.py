"""What keeps one person from each of many open reviews, read for all of them at once."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from accounts.actors import Actor
from accounts.queries.roster_facts import RosterFacts
from approvals.models import CarriedReview, Review, ReviewRound, ReviewSlot
from approvals.queries.gate import permission_for
from approvals.queries.people import person_of, unable
from approvals.rules.reasons import Reason
from approvals.rules.review import Given, ReviewFacts, may_review
from incidents.models import UpdateContributor
from templates.models import HoldingContributor


@dataclass
class RoundReads:
    """Of one round: the persons who wrote at its subject, the kinds it asks for, the verdicts that stand in it."""

    contributors: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    given: dict[str, Given] = field(default_factory=dict)


def reads_of(rounds: Iterable[ReviewRound]) -> dict[int, RoundReads]:
    """Per round what `contributors_of`, `asked_kinds` and `given_verdicts` would say, in five queries however many rounds there are."""
    by_id = {one.pk: one for one in rounds}
    found = {pk: RoundReads() for pk in by_id}
    wrote: dict[int | None, set[str]] = defaultdict(set)
    updates = [one.update_of_id for one in by_id.values() if one.update_of_id]
    for update, person in UpdateContributor.objects.filter(update_of__in=updates).values_list("update_of", "user__person"):
        wrote[update].add(str(person))
    said: dict[int | None, set[str]] = defaultdict(set)
    versions = [one.holding_version_id for one in by_id.values() if one.holding_version_id]
    contributors = HoldingContributor.objects.filter(statement__versions__in=versions)
    for version, person in contributors.values_list("statement__versions", "user__person"):
        said[version].add(str(person))
    for pk, one in by_id.items():
        found[pk].contributors = wrote[one.update_of_id] if one.update_of_id else said[one.holding_version_id]
    for pk, kind in ReviewSlot.objects.filter(round__in=by_id).values_list("round", "kind"):
        found[pk].asked.add(kind)
    own = Review.objects.filter(round__in=by_id).values_list("round", "slot__kind", "reviewer__person", "verdict", "content_hash")
    carried = CarriedReview.objects.filter(round__in=by_id).values_list(
        "round", "slot__kind", "review__reviewer__person", "review__verdict", "to_hash"
    )
    for pk, kind, reviewer, verdict, content in (*own, *carried):
        found[pk].given[kind] = Given(reviewer=str(reviewer), verdict=verdict, content_hash=content)
    return found


def why_not(
    slot: ReviewSlot, read: RoundReads, *, actor: Actor, state: str, revision_is_current: bool, roster: RosterFacts, at: datetime
) -> tuple[Reason, ...]:
    """Why the signed-in person may not give this review; empty when they may. `roster` is of `facts_at` for the same moment."""
    user, permission = actor.require_person(), permission_for(slot.kind)
    facts = ReviewFacts(
        state=state,
        kind=slot.kind,
        reviewer=person_of(user),
        holds_permission=permission is None or actor.may(permission),
        revision_is_current=revision_is_current,
        contributors=frozenset(read.contributors),
        asked=frozenset(read.asked),
        given=read.given,
        unable=unable(user, kind=slot.kind, at=at, training_required=slot.round.training_required, facts=roster) if permission else (),
    )
    return tuple(may_review(facts))
