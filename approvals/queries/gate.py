"""Collects what the rules read: for the services under their lock, and for pages that show what is in the way."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from accounts.actors import Actor
from accounts.models import TeamMembership, User
from accounts.queries.roster_facts import RosterFacts
from accounts.rules.roles import Permission, Role
from approvals.queries.holds import hold_facts
from approvals.queries.outside import legal_facts, policy_facts
from approvals.queries.owed import owed_by
from approvals.queries.reading import facts_of_review, read_round
from approvals.queries.resolving import late_word, left_waiting, tells_the_end
from approvals.queries.rounds import asked_kinds, contributors_of, given_verdicts, live_round
from approvals.queries.wanted import lacking_kinds
from approvals.rules.correction import left_out, scope_that_binds
from approvals.rules.dispute import DisputeState
from approvals.rules.hold import HoldFacts
from approvals.rules.readiness import scheduled_for
from approvals.rules.reasons import Reason
from approvals.rules.release import ReleaseFacts, Releaser, may_release
from approvals.rules.review import Given, ReviewFacts, may_review
from approvals.rules.screened import blocks
from incidents.models import Incident, Update, UpdateRevision
from incidents.queries import current_decision, decision_value, outside_scope_of
from incidents.queries.correcting import as_it_stands
from incidents.rules.content import Content, ScheduleMode
from incidents.rules.content_check import late_promise
from incidents.rules.words import CORRECTING, Stage, Status, UpdateKind, UpdateState
from incidents.services.drafting import minutes_asked
from incidents.services.start_update import move_problem
from screening.queries import findings_for
from screening.rules.findings import Found
from stakeholders.models import Audience
from stakeholders.queries import audience_facts


def review_facts(
    *, actor: Actor, user: User, update: Update, kind: str, revision: int, at: datetime, facts: RosterFacts | None = None
) -> ReviewFacts:
    """What `may_review` reads. Reads rows as they are now; a service holds the update's lock meanwhile."""
    found = live_round(update)
    return facts_of_review(
        found,
        read_round(found, contributors_of(update)),
        actor=actor,
        user=user,
        kind=kind,
        state=update.state,
        revision_is_current=found is not None and found.revision_id == update.current_id and found.revision.number == revision,
        at=at,
        roster=facts,
    )


def review_blockers(*, actor: Actor, update: Update, kind: str, at: datetime, facts: RosterFacts | None = None) -> list[Reason]:
    """Why the signed-in person may not review the current revision; empty when they may."""
    user, current = actor.require_person(), update.current
    number = current.number if current else 0
    return may_review(review_facts(actor=actor, user=user, update=update, kind=kind, revision=number, at=at, facts=facts))


def release_facts(*, update: Update, incident: Incident, revision: UpdateRevision, at: datetime, planned: bool = False) -> ReleaseFacts:
    """What `may_release` reads, for letting out `revision` at that moment, now or `planned`. The hash is computed anew from the content."""
    content, owed = revision.parsed(), owed_by(update)
    found = live_round(update)
    beside = incident_release_facts(
        incident=incident, content=content, given=given_verdicts(found) if found else {}, holds=hold_facts(update), at=at
    )
    return replace(
        beside,
        state=update.state,
        revision_is_current=revision.pk == update.current_id,
        approved_hash=found.revision.content_hash if found else None,
        asked=asked_kinds(found) if found else frozenset(),
        contributors=contributors_of(update),
        is_drill=update.kind == UpdateKind.DRILL,
        speaks_of_the_past=update.kind in CORRECTING or tells_the_end(update, content),
        planned=planned,
        lacking=lacking_kinds(update, content),
        outside_scope=scope_that_binds(beside.outside_scope, owed),
        left_out=tuple(left_out(content, owed).values()),
        not_told_of_the_end=left_waiting(update, content),
        illegal_move=move_problem(incident, as_it_stands(update, content, incident).status, kind=update.kind, readers=content.audiences),
        said_late=tuple(late_word(update, content, beside.names).values()),
        # A correction need promise nothing: the promise that runs goes on running.
        late_promise="" if update.kind in CORRECTING and content.next_update_minutes is None else beside.late_promise,
        disputed=update.disputes.filter(state=DisputeState.OPEN).exists(),
    )


def incident_release_facts(
    *, incident: Incident, content: Content, given: Mapping[str, Given], holds: tuple[HoldFacts, ...], at: datetime
) -> ReleaseFacts:
    """The part that does not depend on how the content was approved: as of content that is, for `beside_approval`."""
    decision = decision_value(current_decision(incident))
    audiences, reached = audience_facts(), frozenset(content.audiences)
    public = reached & {audiences.public}
    unconfirmed = incident.stage == Stage.WATCHING and not decision.publishes_watching
    policy = policy_facts(incident, decision, content, at, audiences)
    return ReleaseFacts(
        state=UpdateState.APPROVED,
        revision_is_current=True,
        content_hash=content.hash(),
        approved_hash=content.hash(),
        asked=frozenset(),
        given=given,
        contributors=frozenset(),
        incident_resolved=incident.status == Status.RESOLVED,
        restricted=incident.restricted,
        unconfirmed=unconfirmed,
        reaches_public=bool(public),
        unknown_audiences=reached - audiences.names.keys(),
        outside_scope=outside_scope_of(incident, content.audiences),
        holds=holds,
        screening_blocks=blocks(screened(content)),
        legal=legal_facts(incident, content, audiences),
        # Of the public that is said once, as *unconfirmed*.
        policy=replace(policy, watching_audiences=policy.watching_audiences | public) if unconfirmed else policy,
        names=audiences.names,
        late_promise=late_promise(
            content,
            policy_minutes=minutes_asked(decision, incident, content.status, content.audiences, at),
            bounds=decision.promise_bounds,
        ),
        goes_at=scheduled_for(content),
        goes_when_approved=content.schedule_mode == ScheduleMode.AS_SOON_AS_APPROVED,
        leaves_at=at,
    )


def screened(content: Content) -> list[Found]:
    """What the screening finds in the content's wording, by the rule set in force now."""
    return findings_for(content.wording, status=content.status, cause_confidence=content.cause_confidence)


def release_reasons(update: Update, at: datetime) -> list[Reason]:
    """Everything in the way of letting the update's current words out at that moment, whoever asks: the one gate."""
    if update.current is None:
        return [Reason("no_words", "The update has no words yet.")]
    return may_release(release_facts(update=update, incident=update.incident, revision=update.current, at=at))


def release_blockers(update: Update, now: datetime) -> list[str]:
    """The sentences of `release_reasons`."""
    return [reason.words for reason in release_reasons(update, now)]


def releaser(*, actor: Actor, user: User, incident: Incident, revision: UpdateRevision) -> Releaser:
    """What `may_let_out` reads about the person."""
    return releaser_to(actor=actor, user=user, incident=incident, audiences=revision.parsed().audiences)


def releaser_to(*, actor: Actor, user: User, incident: Incident, audiences: Iterable[str]) -> Releaser:
    """The same for words that are to reach these audiences."""
    teams = TeamMembership.objects.filter(user=user).values("team")
    reached = Audience.objects.filter(key__in=list(audiences))
    owned = reached.filter(owner__in=teams) | reached.filter(deputy__in=teams)
    return Releaser(
        holds_permission=actor.may(Permission.UPDATE_RELEASE),
        commands_incident=incident.commander_id == user.pk,
        is_commander=Role.COMMANDER in user.roles,
        owns_audiences=reached.exists() and reached.count() == owned.count(),
    )
