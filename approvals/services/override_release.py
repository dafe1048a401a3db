"""Releases an update without every review: the way out when nobody who could review is there in time."""

from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from approvals.events import OverrideUsed
from approvals.models import Override, RatificationStep, Release, ReviewRound
from approvals.queries.gate import release_facts
from approvals.queries.ground import first_asked
from approvals.queries.overrides import override_facts, ratify_within
from approvals.queries.responsible import Told, responsible_for
from approvals.queries.rounds import live_round
from approvals.rules.override import LEGAL, Filled, filled, kinds_in_words, may_override, overridden_gate, steps
from approvals.rules.words import RoundState
from approvals.services.locking import current_revision, lock_update
from approvals.services.refuse import refuse_if
from approvals.services.release_update import let_out, lock_incident
from approvals.services.schedule import cancel_schedule
from approvals.services.void_round import close_round
from audit.services import UnitOfWork, unit_of_work
from core.errors import Conflict, InvalidInput
from core.events import publish
from incidents.models import Update
from incidents.rules.content import ScheduleMode
from incidents.services import catch_up
from incidents.services.timeline import note

LONGEST_REASON = 4000


def override_release(*, actor: Actor, now: datetime, update_id: int, revision: int, reason: str) -> Release:
    """Releases exactly this revision now; the override stands in for the reviews missing and is to be ratified afterwards.

    Open only where each missing review has run out of its window or has nobody who could give it. Whatever else keeps the
    update back still does: holds, disputes, embargo, findings, legal's gate. Raises `NotFound`, `Forbidden`,
    `SecondFactorRequired`, `Conflict` with every reason, or for a second factor set up since review of the update was first asked for,
    `StaleRevision`, `InvalidInput` (no reason given).
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        update = lock_update(actor=actor, update_id=update_id)
        incident = lock_incident(update)
        catch_up(incident, now=now)
        user = actor.require_person()
        facts = override_facts(actor=actor, user=user, update=update, incident=incident, revision=revision, now=now)
        refuse_if(may_override(facts, now))
        chosen = current_revision(update, revision)
        fills = filled(facts, now)
        refuse_if(overridden_gate(release_facts(update=update, incident=incident, revision=chosen, at=now), fills))
        why = _reason(reason)
        review_round = live_round(update)
        actor.require_second_factor(now, known_since=first_asked(update) if review_round else now)
        if review_round is None or actor.second_factor_at is None:
            raise Conflict("The update is not in review.", code="not_in_review")
        cancel_schedule(actor=actor, now=now, update=update, reason="Released by override instead.")
        override = Override.objects.create(
            update_of=update,
            round=review_round,
            revision=chosen,
            content_hash=chosen.content_hash,
            by=user,
            reason=why,
            second_factor_at=actor.second_factor_at,
            fills=[one.as_json() for one in fills],
            fills_legal=any(one.kind == LEGAL for one in fills),
            told=[told.as_json() for told in responsible_for(update, review_round, now=now, without=user)],
            at=now,
            ratify_by=now + ratify_within(incident),
        )
        _plan_reminders(override)
        close_round(review_round, RoundState.OVERRIDDEN, now=now)
        release = let_out(
            actor=actor,
            now=now,
            update=update,
            revision=chosen,
            mode=ScheduleMode.BY_HAND,
            released_by=user,
            override=override,
        )
        _record(work, update, override, fills)
        _tell(actor, now, update, override)
        publish(OverrideUsed(override_id=override.pk, release_id=release.pk, update_id=update.pk, at=now))
        return release


def who_will_be_told(update: Update, *, now: datetime, without: User) -> list[Told]:
    """The list as an override would freeze it now; empty where no round is open."""
    review_round: ReviewRound | None = live_round(update)
    return responsible_for(update, review_round, now=now, without=without) if review_round else []


def _reason(given: str) -> str:
    text = given.strip()
    if not text:
        raise InvalidInput("Say why.", fields={"reason": ["Say why this cannot wait for the reviews: everyone told reads it."]})
    if len(text) > LONGEST_REASON:
        raise InvalidInput("The reason is too long.", fields={"reason": [f"Use at most {LONGEST_REASON} characters."]})
    return text


def _plan_reminders(override: Override) -> None:
    RatificationStep.objects.bulk_create(
        RatificationStep(override=override, step=step.name, due_at=step.due_at)
        for step in steps(at=override.at, ratify_by=override.ratify_by)
    )


def _record(work: UnitOfWork, update: Update, override: Override, fills: tuple[Filled, ...]) -> None:
    work.record(
        "override.used",
        subject=f"update:{update.public_id}",
        policy_version=override.round.policy_version,
        body={
            "override": override.public_id,
            "revision": override.revision.number,
            "content_hash": override.content_hash,
            "fills": [{"kind": one.kind, "ground": one.ground.value} for one in fills],
            "reason": override.reason,
            "second_factor_at": override.second_factor_at.isoformat(),
            "told": [f"user:{one['user']}" for one in override.told],
            "ratify_by": override.ratify_by.isoformat(),
        },
    )


def _tell(actor: Actor, now: datetime, update: Update, override: Override) -> None:
    kinds = kinds_in_words([one["kind"] for one in override.fills])
    note(
        update.incident,
        actor=actor,
        now=now,
        kind="override",
        text=f"Released by override of {override.by.get_full_name()}, without the {kinds} review: {override.reason}",
        detail={"update": update.public_id, "override": override.public_id},
    )
