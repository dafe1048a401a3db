"""Reactions to releases, reviews and promises: planned in the publisher's transaction, nudged after its commit."""

from django.db.models import Q

from accounts.actors import system
from accounts.models import User
from accounts.queries.holders import holders, with_role
from accounts.rules.roles import Permission, Role
from approvals.events import (
    DisputeClosed,
    DisputeOpened,
    DisputeOverdue,
    HoldLifted,
    HoldPlaced,
    OverrideUsed,
    RatificationDecided,
    RatificationDue,
    ReleaseHeld,
    ReviewRequested,
    SlotStepDue,
    StatementReviewRequested,
    UpdateReleased,
)
from approvals.models import ReleaseSchedule
from core.tasks import nudge as nudge_task
from incidents.events import IncidentOpened, PromiseReminder
from incidents.models import Incident, Snooze, Update
from incidents.queries.responsible import responsible_for
from incidents.rules.words import Step
from notifications.rules.escaping import plain
from notifications.rules.promise_words import promise_words
from notifications.rules.times import readers
from notifications.services import governing_notices as governing
from notifications.services.opening_notice import incident_opened
from notifications.services.plan_calls import plan_answered, plan_audience_drill, plan_step, plan_unanswered, stop_audience_drill
from notifications.services.plan_notice import can_be_told, plan_notice
from notifications.services.plan_release import plan_release
from notifications.services.plan_verification import plan_verification
from notifications.services.review_notices import plan_review_letters, plan_step_letters
from notifications.tasks import deliver
from stakeholders.events import (
    AudienceDrillCalledOff,
    AudienceDrillStarted,
    EscalationAnswered,
    EscalationStepTold,
    EscalationUnanswered,
    VerificationRequested,
)
from templates.events import HoldingStatementExpiring
from templates.models import HoldingContributor, HoldingStatement

ACTOR = system("notifications")


def plan_on_release(event: UpdateReleased) -> None:
    """The release's e-mail."""
    plan_release(actor=ACTOR, now=event.at, release_id=event.release_id)


def plan_on_review_requested(event: ReviewRequested) -> None:
    """Asks the people on duty for each review, with a link of their own."""
    plan_review_letters(now=event.at, round_id=event.round_id)


def plan_on_slot_step(event: SlotStepDue) -> None:
    """Reminds, or calls somebody in, as the review's clock says."""
    plan_step_letters(now=event.at, step_id=event.step_id, user_ids=event.user_ids)


def plan_on_statement_review_requested(event: StatementReviewRequested) -> None:
    """Asks those whom the round over a holding statement called, with a link of their own."""
    plan_review_letters(now=event.at, round_id=event.round_id)


def plan_on_statement_expiring(event: HoldingStatementExpiring) -> None:
    """Tells those who wrote it, and everyone who may renew it, that the approval runs out."""
    statement = HoldingStatement.objects.get(pk=event.statement_id)
    wrote = HoldingContributor.objects.filter(statement=statement).values("user")
    renewing = holders(Permission.HOLDING_WRITE).order_by().values("pk")
    people = User.objects.filter(Q(pk__in=wrote) | Q(pk__in=renewing), is_active=True).order_by("username")
    runs_out = "ran out" if event.expired else "runs out"
    plan_notice(
        actor=ACTOR,
        now=event.at,
        source_key=f"holding-expiry:{event.version_id}",
        incident=None,
        people=people,
        title=f"Holding statement {'has expired' if event.expired else 'expires soon'}: {statement.name}",
        body=(
            f"The approval of **{plain(statement.name)}** {runs_out} {readers(event.expires_at)}."
            f" {'It can no longer be released.' if event.expired else 'After that it cannot be released.'}\n\n"
            "Read it, correct what is out of date, and ask for its review."
        ),
        path=f"/console/holding/{statement.public_id}/",
    )


def plan_on_incident_opened(event: IncidentOpened) -> None:
    """Whoever has to take it on hears of it at once."""
    incident_opened(now=event.at, incident_id=event.incident_id)


def plan_on_promise_reminder(event: PromiseReminder) -> None:
    """Tells whoever answers for the next update: the commander, later the deputies too, at last the manager on duty as well.

    One notice for each step and time due. Where the commander cannot be told, every commander who may see the incident is.
    """
    incident = Incident.objects.select_related("commander").get(pk=event.incident_id)
    rings = responsible_for(incident, event.at)
    people = [user for user in rings.leads if can_be_told(user, incident)] or list(with_role(Role.COMMANDER))
    if event.step in {Step.DEPUTY, Step.MANAGER}:
        people += rings.deputies
    if event.step == Step.MANAGER:
        people += rings.managers
    snooze = Snooze.objects.filter(promise=event.promise_id).select_related("by").first()
    said = promise_words(
        step=Step(event.step),
        title=incident.title,
        due_at=event.due_at,
        at=event.at,
        late=event.late,
        snoozed=(snooze.by.get_full_name(), snooze.until, snooze.reason) if snooze else None,
    )
    plan_notice(
        actor=ACTOR,
        now=event.at,
        # A promise that the policy moves may be overdue again: that is another notice.
        source_key=f"promise:{event.promise_id}:{event.step}:{event.due_at.isoformat()}",
        incident=incident,
        people={user.pk: user for user in people}.values(),
        title=said.title,
        body=said.body,
        path=f"/console/incidents/{incident.public_id}/",
    )


def plan_on_release_held(event: ReleaseHeld) -> None:
    """Tells whoever asked for the release why it did not go."""
    update = Update.objects.select_related("incident").get(pk=event.update_id)
    schedule = ReleaseSchedule.objects.filter(update_of=update).select_related("requested_by").order_by("-id").first()
    if schedule is None:
        return
    plan_notice(
        actor=ACTOR,
        now=event.at,
        source_key=f"held:{schedule.pk}",
        incident=update.incident,
        people=[schedule.requested_by],
        title=f"Not released: {update.incident.title}",
        body=(
            f"The update to **{plain(update.incident.title)}** was not released. {plain(event.reason)}\n\nIt waits for a person's decision."
        ),
        path=f"/console/updates/{update.public_id}/release/",
    )


def plan_on_dispute_opened(event: DisputeOpened) -> None:
    """An arbiter is asked."""
    governing.dispute_opened(now=event.at, dispute_id=event.dispute_id)


def plan_on_dispute_overdue(event: DisputeOverdue) -> None:
    """The manager on duty is told that nobody has ruled."""
    governing.dispute_overdue(now=event.at, dispute_id=event.dispute_id, late=event.late)


def plan_on_dispute_closed(event: DisputeClosed) -> None:
    """Who disputed, and who asked for review, hear how it ended."""
    governing.dispute_closed(now=event.at, dispute_id=event.dispute_id)


def plan_on_override_used(event: OverrideUsed) -> None:
    """Everyone responsible is told."""
    governing.override_used(now=event.at, override_id=event.override_id)


def plan_on_ratification_due(event: RatificationDue) -> None:
    """Whoever may ratify is reminded."""
    governing.ratification_due(now=event.at, override_id=event.override_id, step=event.step, late=event.late)


def plan_on_ratification_decided(event: RatificationDecided) -> None:
    """Everyone who was told of the override hears what became of it."""
    governing.ratification_decided(now=event.at, override_id=event.override_id, ratified=event.ratified)


def plan_on_hold(event: HoldPlaced | HoldLifted) -> None:
    """Whoever has something on its way hears that it waits, or may go."""
    governing.hold_changed(now=event.at, hold_id=event.hold_id, lifted=isinstance(event, HoldLifted))


def plan_on_verification_requested(event: VerificationRequested) -> None:
    """The reader of an address is asked to confirm it."""
    plan_verification(actor=ACTOR, now=event.at, verification_id=event.verification_id)


def plan_on_escalation_step(event: EscalationStepTold) -> None:
    """Those whom the step has called."""
    plan_step(now=event.at, run_step_id=event.run_step_id)


def plan_on_escalation_answered(event: EscalationAnswered) -> None:
    """Whoever else was called may stand down."""
    plan_answered(now=event.at, run_id=event.run_id, acknowledgement_id=event.acknowledgement_id)


def plan_on_escalation_unanswered(event: EscalationUnanswered) -> None:
    """Who began it, and who takes what nobody answers."""
    plan_unanswered(now=event.at, run_id=event.run_id)


def plan_on_audience_drill(event: AudienceDrillStarted) -> None:
    """The drill's letters."""
    plan_audience_drill(now=event.at, drill_id=event.drill_id)


def stop_on_audience_drill_called_off(event: AudienceDrillCalledOff) -> None:
    """Nothing more of the drill."""
    stop_audience_drill(drill_id=event.drill_id, by=User.objects.get(pk=event.user_id), reason=event.reason)


def nudge(event: object) -> None:
    """Wakes a worker. Without a broker this fails within half a second, is logged, and the next poll does the work."""
    del event
    nudge_task(deliver)
