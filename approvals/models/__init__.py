"""Rounds, slots and their clocks, verdicts, comments, links, schedules, releases."""

from approvals.models.carried import CarriedReview
from approvals.models.clock import SlotCall, SlotClaim, SlotStep
from approvals.models.holding_use import HoldingUse
from approvals.models.link import ReviewLink
from approvals.models.passage import PassageComment
from approvals.models.release import Release, ReleaseSchedule
from approvals.models.review import Review, ReviewRound, ReviewSlot

__all__ = [
    "CarriedReview",
    "HoldingUse",
    "PassageComment",
    "Release",
    "ReleaseSchedule",
    "Review",
    "ReviewLink",
    "ReviewRound",
    "ReviewSlot",
    "SlotCall",
    "SlotClaim",
    "SlotStep",
]
