"""A release decided again while it is being sent, for the deliveries that a worker has just claimed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from approvals.models import Release
from approvals.queries.holding import legal_given
from approvals.queries.holds import held_releases
from approvals.queries.outside import legal_facts, policy_facts
from approvals.queries.owed import owed_by
from approvals.queries.rounds import asked_kinds, contributors_of, given_verdicts
from approvals.rules.consequences import about_policy
from approvals.rules.correction import scope_that_binds
from approvals.rules.legal import LegalFacts, legal_gate
from approvals.rules.review import is_complete
from incidents.queries import current_decision, decision_value
from incidents.rules.content import Content
from stakeholders.queries import AudienceFacts, audience_facts, scopes
from stakeholders.rules.scope import Scope, all_outside

OTHER_CONTENT = "The stored words are no longer the ones that were approved and released."
NOT_APPROVED = "The reviews no longer stand: not every kind is approved by a person of its own who wrote nothing."


@dataclass(frozen=True)
class Standing:
    """What a release stands for now: why nothing of it may be sent, in sentences, empty when it may; and the content released."""

    reason: str
    content: Content
    update_id: int


def standing_of(release_ids: Collection[int], now: datetime) -> dict[int, Standing]:
    """For each of these releases whether it may still be sent.

    Read anew: the hash of the stored content, the reviews, release holds, the legal gate, what the policy forbids and the scopes of
    the audiences. Whether
    a reader may know of the incident is asked for each delivery besides.
    """
    held = held_releases(release_ids)
    releases = (
        Release.objects.filter(pk__in=release_ids)
        .select_related("revision", "round__revision", "round__override", "update_of__incident")
        .prefetch_related("update_of__incident__components")
    )
    audiences, bound = audience_facts(), scopes()
    found = {}
    for release in releases:
        content = release.revision.parsed()
        reason = held.get(release.pk, "") or " ".join(
            [*_about(release, content, audiences, now), *_about_scope(release, content, audiences, bound)]
        )
        found[release.pk] = Standing(reason, content, release.update_of_id)
    return found


def _about(release: Release, content: Content, audiences: AudienceFacts, now: datetime) -> list[str]:
    incident = release.update_of.incident
    if content.hash() != release.content_hash:
        return [OTHER_CONTENT]
    decision = decision_value(current_decision(incident))
    policy = about_policy(policy_facts(incident, decision, content, now, audiences))
    return [*_about_reviews(release, content, legal_facts(incident, content, audiences)), *(reason.words for reason in policy)]


def _about_scope(release: Release, content: Content, audiences: AudienceFacts, bound: Mapping[str, Scope]) -> list[str]:
    """Whether an audience left its scope since the release. Whom wrong words reached is owed their correction all the same."""
    incident = release.update_of.incident
    affected = frozenset(component.key for component in incident.components.all())
    reached = {key: bound[key] for key in sorted(set(content.audiences) & bound.keys())}
    outside = all_outside(reached, customer_facing=incident.customer_facing, components=affected)
    if not outside:
        return []
    binding = scope_that_binds(outside, owed_by(release.update_of))
    return [f"The audience {audiences.names.get(key, key)} {why} now." for key, why in binding.items()]


def _about_reviews(release: Release, content: Content, legal: LegalFacts) -> list[str]:
    """Whether the reviews stand, of which an override has filled what is missing, and what the legal gate says now.

    Of the legal gate an override is excused where it stands in for legal; a holding statement passes on legal's approval of itself.
    """
    if release.round is None:
        return _about_statements(release, content, legal)
    given = given_verdicts(release.round)
    complete = release.overridden or is_complete(
        asked=asked_kinds(release.round),
        given=given,
        contributors=contributors_of(release.update_of),
        content_hash=release.content_hash,
    )
    if release.overridden and release.round.override.fills_legal:
        return []
    gate = legal_gate(legal, given=given, content_hash=release.content_hash)
    return [*([] if complete else [NOT_APPROVED]), *(reason.words for reason in gate)]


def _about_statements(release: Release, content: Content, legal: LegalFacts) -> list[str]:
    """An incident may be flagged while its holding statement is being sent: then it takes one that legal approved."""
    uses = release.revision.holding_uses.select_related("version__statement")
    given = legal_given([use.version for use in uses], content)
    return [reason.words for reason in legal_gate(legal, given=given, content_hash=release.content_hash)]
