"""The use cases of review and release."""

from approvals.services.give_verdict import give_verdict
from approvals.services.release_update import release_update
from approvals.services.request_review import request_review
from approvals.services.run_due_schedules import run_due_schedules
from approvals.services.withdraw_update import withdraw_update

__all__ = ["give_verdict", "release_update", "request_review", "run_due_schedules", "withdraw_update"]
