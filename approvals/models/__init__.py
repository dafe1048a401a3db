"""Rounds, slots, verdicts, schedules, releases."""

from approvals.models.release import Release, ReleaseSchedule
from approvals.models.review import Review, ReviewRound, ReviewSlot

__all__ = ["Release", "ReleaseSchedule", "Review", "ReviewRound", "ReviewSlot"]
