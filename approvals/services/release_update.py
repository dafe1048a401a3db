"""Lets an approved update out, now or at a time."""

from collections.abc import Sequence
from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from approvals.events import UpdateReleased
from approvals.models import HoldingUse, Override, Release, ReleaseSchedule, Review, ReviewRound
from approvals.queries.gate import release_facts, releaser
from approvals.queries.rounds import live_round, pending_schedule
from approvals.rules.reasons import Reason
from approvals.rules.release import may_let_out, may_release
from approvals.rules.words import RoundState, ScheduleState
from approvals.services.locking import lock_update
from approvals.services.refuse import refuse_if
from approvals.services.schedule import cancel_schedule, close_schedule, plan_release
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput, StaleRevision
from core.events import publish
from incidents.models import Incident, Update, UpdateRevision
from incidents.queries import current_decision
from incidents.rules.content import ScheduleMode
from incidents.services import catch_up, note_released
from incidents.services.locking import lock_incident_for_release


def release_update(*, actor: Actor, now: datetime, update_id: int, revision: int, at: datetime | None = None) -> Release | ReleaseSchedule:
    """Releases by hand; with `at`, plans the release for that time, replacing an earlier plan.

    Decides everything again under the update's lock. Raises `NotFound`, `Forbidden`, `StepUpRequired`, `Conflict`
    (with every reason; also on a second release of the same update, and at another time than the content names),
    `StaleRevision`, `InvalidInput` (`at` not to come).
    """
    with unit_of_work(actor=actor.ref, now=now):
        update = lock_update(actor=actor, update_id=update_id)
        incident = lock_incident(update)
        chosen = _chosen(update, revision)
        user = actor.require_person()
        refuse_if(may_let_out(releaser(actor=actor, user=user, incident=incident, revision=chosen)))
        actor.require_step_up(now)
        if at is not None:
            _refuse_past(at, now)
        catch_up(incident, now=now)
        refuse_if(blockers(update, incident, chosen, now if at is None else at, planned=at is not None))
        if at is not None:
            return plan_release(
                actor=actor, now=now, update=update, revision=chosen, mode=ScheduleMode.AT_TIME, due_at=at, requested_by=user
            )
        cancel_schedule(actor=actor, now=now, update=update, reason="Released by hand instead.")
        return let_out(actor=actor, now=now, update=update, revision=chosen, mode=ScheduleMode.BY_HAND, released_by=user)


def lock_incident(update: Update) -> Incident:
    """The update's incident, locked: it cannot become restricted or resolved while its update goes out."""
    return lock_incident_for_release(update)


def blockers(update: Update, incident: Incident, revision: UpdateRevision, at: datetime, *, planned: bool = False) -> list[Reason]:
    """What is in the way of letting out `revision` at that moment, now or `planned`, decided over the rows as they are now."""
    return may_release(release_facts(update=update, incident=incident, revision=revision, at=at, planned=planned))


def let_out(
    *,
    actor: Actor,
    now: datetime,
    update: Update,
    revision: UpdateRevision,
    mode: ScheduleMode,
    released_by: User,
    override: Override | None = None,
    uses: Sequence[HoldingUse] = (),
) -> Release:
    """Writes the release and everything that follows from it. The caller holds the locks and has asked `blockers`.

    With `override`, which is written already, the release stands on that instead of on every review; with `uses`, written
    already too, on the approvals of the holding statements that they fill in.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        review_round = override.round if override else live_round(update)
        if review_round is None and not uses:
            raise Conflict("The update is not approved.", code="not_approved")
        release = Release.objects.create(
            update_of=update,
            revision=revision,
            content_hash=revision.content_hash,
            round=review_round,
            mode=mode,
            released_by=released_by,
            released_at=now,
            overridden=override is not None,
        )
        note_released(actor=actor, now=now, update=update, release_public_id=release.public_id)
        work.record(
            "update.released",
            subject=f"release:{release.public_id}",
            policy_version=review_round.policy_version if review_round else current_decision(update.incident).policy_version,
            body={
                "update": update.public_id,
                "revision": revision.number,
                "content_hash": revision.content_hash,
                "mode": mode.value,
                "released_by": f"user:{released_by.pk}",
                "approved_by": [f"user:{reviewer}" for reviewer in _approvers(review_round, uses)],
            }
            | ({"override": override.public_id} if override else {})
            | ({"holding": [_as_used(use) for use in uses]} if uses else {}),
        )
        publish(UpdateReleased(release_id=release.pk, update_id=update.pk, incident_id=update.incident_id, at=now))
        return release


def _approvers(review_round: ReviewRound | None, uses: Sequence[HoldingUse]) -> list[str]:
    """Ids of those whose approvals the release stands on: in its round, or in those of the statements."""
    if review_round is not None:
        return [str(reviewer) for reviewer in review_round.reviews.values_list("reviewer_id", flat=True)]
    approving = Review.objects.filter(holding_version__in=[use.version_id for use in uses], round__state=RoundState.APPROVED)
    return [str(reviewer) for reviewer in approving.values_list("reviewer_id", flat=True)]


def _as_used(use: HoldingUse) -> dict[str, object]:
    """A statement's use for the log: which words, filled in with what."""
    version = use.version
    return {
        "statement": version.statement.key,
        "version": version.number,
        "content_hash": use.content_hash,
        "values": use.values,
        "title": use.title,
        "body": use.body,
    }


def finish_schedule(update: Update, *, now: datetime) -> None:
    """The plan that led to the release is done."""
    if schedule := pending_schedule(update):
        close_schedule(schedule, ScheduleState.DONE, now=now)


def _chosen(update: Update, number: int) -> UpdateRevision:
    chosen = update.revisions.filter(number=number).first()
    if chosen is None:
        raise StaleRevision(f"There is no revision {number}. Read the newest revision and decide again.")
    return chosen


def _refuse_past(at: datetime, now: datetime) -> None:
    if at.tzinfo is None:
        raise InvalidInput("The time has no zone.", fields={"at": ["Give the time with its zone, for instance 2026-03-02T15:00:00Z."]})
    if at <= now:
        raise InvalidInput("The time has passed.", fields={"at": ["Choose a time to come, or leave it out to release now."]})
