"""The use cases of review and release."""

from approvals.services.claim_due_disputes import claim_due_disputes
from approvals.services.claim_ratification_steps import claim_ratification_steps
from approvals.services.claim_slot import claim_slot, give_up_claim
from approvals.services.comment_on_passage import comment_on_passage
from approvals.services.decide_ratification import decide_ratification
from approvals.services.dispute_passage import dispute_passage
from approvals.services.give_statement_verdict import give_statement_verdict
from approvals.services.give_verdict import give_verdict
from approvals.services.hold_other_times import hold_other_times
from approvals.services.override_release import override_release
from approvals.services.release_hold import hold_incident, hold_update, lift_hold
from approvals.services.release_holding import release_holding
from approvals.services.release_update import release_update
from approvals.services.request_review import request_review
from approvals.services.request_statement_review import request_statement_review
from approvals.services.rule_dispute import rule_dispute
from approvals.services.run_due_schedules import run_due_schedules
from approvals.services.run_slot_steps import run_slot_steps
from approvals.services.start_correction import start_correction
from approvals.services.withdraw_dispute import withdraw_dispute
from approvals.services.withdraw_update import withdraw_update

__all__ = [
    "claim_due_disputes",
    "claim_ratification_steps",
    "claim_slot",
    "comment_on_passage",
    "decide_ratification",
    "dispute_passage",
    "give_statement_verdict",
    "give_up_claim",
    "give_verdict",
    "hold_incident",
    "hold_other_times",
    "hold_update",
    "lift_hold",
    "override_release",
    "release_holding",
    "release_update",
    "request_review",
    "request_statement_review",
    "rule_dispute",
    "run_due_schedules",
    "run_slot_steps",
    "start_correction",
    "withdraw_dispute",
    "withdraw_update",
]
