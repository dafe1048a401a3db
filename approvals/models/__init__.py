"""Rounds, slots and their clocks, verdicts, comments, links, disputes, schedules, releases, overrides, holds."""

from approvals.models.carried import CarriedReview
from approvals.models.clock import AbleAtOpening, SlotCall, SlotClaim, SlotStep
from approvals.models.dispute import Dispute, Ruling
from approvals.models.hold import ReleaseHold
from approvals.models.holding_use import HoldingUse
from approvals.models.link import ReviewLink
from approvals.models.override import Override, RatificationStep
from approvals.models.passage import PassageComment
from approvals.models.release import Release, ReleaseSchedule
from approvals.models.review import Review, ReviewRound, ReviewSlot

__all__ = [
    "AbleAtOpening",
    "CarriedReview",
    "Dispute",
    "HoldingUse",
    "Override",
    "PassageComment",
    "RatificationStep",
    "Release",
    "ReleaseHold",
    "ReleaseSchedule",
    "Review",
    "ReviewLink",
    "ReviewRound",
    "ReviewSlot",
    "Ruling",
    "SlotCall",
    "SlotClaim",
    "SlotStep",
]
