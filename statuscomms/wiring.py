"""The one table that says which event calls which handlers: in the publisher's transaction, or after its commit."""

from approvals import handlers as approvals
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
    UpdateApproved,
    UpdateReleased,
)
from catalogue.events import ComponentChanged
from core import events
from incidents import handlers as incidents
from incidents.events import IncidentChanged, IncidentOpened, PromiseReminder, RevisionAdded
from notifications import handlers as notifications
from notifications.events import SendingWanted
from policies.events import PolicyActivated
from stakeholders.events import (
    AudienceDrillCalledOff,
    AudienceDrillStarted,
    AudienceScopeChanged,
    EscalationAnswered,
    EscalationStepTold,
    EscalationUnanswered,
    VerificationRequested,
)
from statuspage import handlers as statuspage
from templates.events import HoldingStatementExpiring, HoldingVersionReplaced


def connect() -> None:
    """Registers every handler, from a clean slate."""
    events.clear()
    events.register(RevisionAdded, in_transaction=[approvals.void_on_revision, approvals.overtake_on_revision])
    events.register(UpdateApproved, in_transaction=[approvals.asap_on_approved], after_commit=[approvals.nudge_schedules])
    # The page is nudged first, so that it never waits behind the sending.
    events.register(
        UpdateReleased,
        in_transaction=[notifications.plan_on_release, statuspage.project_release],
        after_commit=[statuspage.nudge_publisher, notifications.nudge],
    )
    events.register(ReviewRequested, in_transaction=[notifications.plan_on_review_requested], after_commit=[notifications.nudge])
    events.register(SlotStepDue, in_transaction=[notifications.plan_on_slot_step], after_commit=[notifications.nudge])
    events.register(ReleaseHeld, in_transaction=[notifications.plan_on_release_held], after_commit=[notifications.nudge])
    events.register(PromiseReminder, in_transaction=[notifications.plan_on_promise_reminder], after_commit=[notifications.nudge])
    events.register(IncidentChanged, in_transaction=[statuspage.project_incident_change], after_commit=[statuspage.nudge_publisher])
    events.register(
        ComponentChanged,
        in_transaction=[incidents.decide_on_component_changed, statuspage.project_component],
        after_commit=[statuspage.nudge_publisher],
    )
    told: dict[type, events.Handler] = {
        IncidentOpened: notifications.plan_on_incident_opened,
        DisputeOpened: notifications.plan_on_dispute_opened,
        DisputeOverdue: notifications.plan_on_dispute_overdue,
        DisputeClosed: notifications.plan_on_dispute_closed,
        OverrideUsed: notifications.plan_on_override_used,
        RatificationDue: notifications.plan_on_ratification_due,
        RatificationDecided: notifications.plan_on_ratification_decided,
        HoldPlaced: notifications.plan_on_hold,
        VerificationRequested: notifications.plan_on_verification_requested,
        EscalationStepTold: notifications.plan_on_escalation_step,
        EscalationAnswered: notifications.plan_on_escalation_answered,
        EscalationUnanswered: notifications.plan_on_escalation_unanswered,
        AudienceDrillStarted: notifications.plan_on_audience_drill,
    }
    for event_type, plan in told.items():
        events.register(event_type, in_transaction=[plan], after_commit=[notifications.nudge])
    lifted = [notifications.plan_on_hold, statuspage.look_on_hold_lifted]
    events.register(HoldLifted, in_transaction=lifted, after_commit=[notifications.nudge])
    events.register(AudienceDrillCalledOff, in_transaction=[notifications.stop_on_audience_drill_called_off])
    events.register(SendingWanted, after_commit=[notifications.nudge])
    events.register(AudienceScopeChanged, in_transaction=[incidents.decide_on_audience_scope_changed])
    events.register(PolicyActivated, in_transaction=[incidents.decide_on_policy_activated])
    events.register(HoldingVersionReplaced, in_transaction=[approvals.void_on_statement_edit])
    events.register(
        StatementReviewRequested, in_transaction=[notifications.plan_on_statement_review_requested], after_commit=[notifications.nudge]
    )
    events.register(HoldingStatementExpiring, in_transaction=[notifications.plan_on_statement_expiring], after_commit=[notifications.nudge])
