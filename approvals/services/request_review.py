"""Asks for review of the exact words of a draft."""

from datetime import datetime, timedelta

from accounts.actors import Actor, ActorKind
from accounts.models import User
from accounts.rules.roles import Permission
from approvals.events import ReviewRequested
from approvals.models import ReviewRound, ReviewSlot
from approvals.queries.gate import screened
from approvals.queries.owed import owed_by
from approvals.queries.resolving import late_word, left_waiting
from approvals.queries.rounds import last_round
from approvals.queries.wanted import lacking_kinds, wanted_reviews
from approvals.rules.correction import scope_that_binds
from approvals.rules.readiness import scheduled_for, what_is_missing
from approvals.rules.review import named
from approvals.rules.screened import refusals
from approvals.services.approving import approve_when_complete
from approvals.services.carry_reviews import carry_reviews
from approvals.services.locking import current_revision, lock_update
from approvals.services.open_clocks import open_clocks
from approvals.services.void_round import void_round
from audit.services import unit_of_work
from core.errors import Conflict, Forbidden, InvalidInput
from core.events import publish
from incidents.models import Update, UpdateContributor, UpdateRevision
from incidents.queries import current_decision, decision_value, outside_scope_of
from incidents.rules.content import Content, ScheduleMode
from incidents.rules.words import UpdateState
from incidents.services import catch_up, set_update_state
from incidents.services.locking import lock_incident_for_release
from incidents.services.revising import require_promise
from incidents.services.timeline import note
from stakeholders.queries import audience_names


def request_review(*, actor: Actor, now: datetime, update_id: int, revision: int) -> ReviewRound:
    """Opens a round over revision number `revision`, with a slot for each review that the policy asks for as it answers now.

    Freezes the policy's version and the slots, keeps the approvals of the last round that the edits since did not touch,
    and asks people for the rest. Whoever asks puts the words forward, so they count as a contributor. Words that are in review
    or approved are asked for again only where facts and policy now ask for a review that their round lacks. Raises `NotFound`,
    `Forbidden`, `Conflict` (not a draft), `StaleRevision`, `InvalidInput` (unfinished or blocked words), and for content
    that goes by itself `StepUpRequired`.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        update = lock_update(actor=actor, update_id=update_id)
        actor.require(Permission.UPDATE_WRITE)
        user = _who_asks(actor)
        update.incident = lock_incident_for_release(update)
        # Reviewers are asked for what the release will be judged by: nothing waits for a tick that may be late.
        catch_up(update.incident, now=now)
        current = _askable(actor, now, update, revision)
        content = current.parsed()
        _refuse_unfinished(update, content, now)
        _refuse_blocked(content)
        _refuse_going_by_itself(actor, content, now)
        UpdateContributor.objects.get_or_create(update_of=update, user=user, defaults={"since": now})
        wanted = wanted_reviews(update, content)
        before = last_round(update)
        review_round = ReviewRound.objects.create(
            update_of=update,
            revision=current,
            requested_by=user,
            policy_version=decision_value(current_decision(update.incident)).policy_version,
            training_required=wanted.training_required,
            opened_at=now,
        )
        ReviewSlot.objects.bulk_create(
            ReviewSlot(round=review_round, kind=kind, due_at=now + timedelta(minutes=minutes)) for kind, minutes in wanted.windows
        )
        set_update_state(actor=actor, now=now, update=update, to=UpdateState.IN_REVIEW)
        kept = [row.slot.kind for row in carry_reviews(work, before, review_round)] if before else []
        open_clocks(review_round, now=now)
        kinds = [kind for kind, _ in wanted.windows]
        asked = ", ".join(named(kind) for kind in kinds if kind not in kept)
        text = f"Review asked for: {asked}" + (f" (kept: {', '.join(map(named, kept))})" if kept else "")
        note(update.incident, actor=actor, now=now, kind="review", text=text)
        work.record(
            "review.requested",
            subject=f"update:{update.public_id}",
            policy_version=review_round.policy_version,
            body={"revision": current.number, "content_hash": current.content_hash, "kinds": kinds} | ({"kept": kept} if kept else {}),
        )
        publish(ReviewRequested(round_id=review_round.pk, update_id=update.pk, at=now))
        approve_when_complete(work, actor=actor, update=update, review_round=review_round)
        return review_round


def _askable(actor: Actor, now: datetime, update: Update, revision: int) -> UpdateRevision:
    """The current revision of a draft; a round that lacks a review is closed first, so that the update is one again."""
    lacks = update.current is not None and bool(lacking_kinds(update, update.current.parsed()))
    if update.state != UpdateState.DRAFT and not lacks:
        raise Conflict(f"The update is {update.state.replace('_', ' ')}; review is asked for while it is a draft.", code="not_a_draft")
    current = current_revision(update, revision)
    if update.state != UpdateState.DRAFT:
        void_round(actor=actor.ref, now=now, update=update, because="Another review is asked for", code="review_lacking")
        set_update_state(actor=actor, now=now, update=update, to=UpdateState.DRAFT)
    return current


def _who_asks(actor: Actor) -> User:
    if actor.user is None:
        raise Forbidden("Review is asked for in somebody's name: sign in, or use a person's token.")
    return actor.user


def _refuse_unfinished(update: Update, content: Content, now: datetime) -> None:
    owed, names = owed_by(update), audience_names()
    outside = scope_that_binds(outside_scope_of(update.incident, content.audiences), owed)
    if missing := what_is_missing(
        content,
        audiences=names,
        now=now,
        outside_scope=outside,
        owed=owed,
        not_told_of_the_end=left_waiting(update, content),
        late_word=late_word(update, content, names),
    ):
        raise InvalidInput("The update is not finished. Correct what is named, then ask for review.", code="unfinished", fields=missing)
    # The policy may ask for word sooner than when the draft was begun, and sooner still at the time that the content names.
    require_promise(update.incident, content, scheduled_for(content) or now, kind=update.kind)


def _refuse_blocked(content: Content) -> None:
    if blocked := refusals(screened(content)):
        raise InvalidInput(
            "The wording says what must not leave the house. Change what is named, then ask for review.",
            code="screening_blocked",
            fields=blocked,
        )


def _refuse_going_by_itself(actor: Actor, content: Content, now: datetime) -> None:
    """What goes out without a further click is released by asking, so asking needs what releasing needs.

    A person who may release, whose identity was proved just now; a token never publishes.
    """
    if content.schedule_mode == ScheduleMode.BY_HAND:
        return
    if actor.kind is not ActorKind.PERSON:
        raise Forbidden(
            "A token cannot let an update go by itself. Choose release by hand, or have a person who may release ask on the pages.",
            code="may_not_schedule",
            fields={"schedule": ["Choose release by hand."]},
        )
    if not actor.may(Permission.UPDATE_RELEASE):
        raise Forbidden(
            "Only somebody who may release can let an update go by itself. Choose release by hand, or have an incident commander ask.",
            code="may_not_schedule",
            fields={"schedule": ["Choose release by hand."]},
        )
    actor.require_step_up(now)
