"""Reads for pages, the API and the services of this room."""

from approvals.queries.gate import release_blockers, release_reasons, review_blockers
from approvals.queries.queue import QueueItem, review_queue
from approvals.queries.rounds import last_verdict_of, live_round, pending_schedule, reviews_of, revision_number

__all__ = [
    "QueueItem",
    "last_verdict_of",
    "live_round",
    "pending_schedule",
    "release_blockers",
    "release_reasons",
    "review_blockers",
    "review_queue",
    "reviews_of",
    "revision_number",
]
