"""The use cases of review and release."""

from approvals.services.claim_slot import claim_slot, give_up_claim
from approvals.services.comment_on_passage import comment_on_passage
from approvals.services.give_verdict import give_verdict
from approvals.services.release_update import release_update
from approvals.services.request_review import request_review
from approvals.services.run_due_schedules import run_due_schedules
from approvals.services.run_slot_steps import run_slot_steps
from approvals.services.withdraw_update import withdraw_update

__all__ = [
    "claim_slot",
    "comment_on_passage",
    "give_up_claim",
    "give_verdict",
    "release_update",
    "request_review",
    "run_due_schedules",
    "run_slot_steps",
    "withdraw_update",
]
