"""Asking people to fill a slot: once each, with a link of their own."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from approvals.models import ReviewLink, ReviewSlot, SlotCall, SlotStep
from approvals.queries.links import digest_of, token_of
from approvals.rules.eligibility import Candidate
from approvals.rules.windows import plan
from approvals.rules.words import Step


def plan_clock(slot: ReviewSlot, *, opened_at: datetime, last: Step, nobody: bool) -> None:
    """Plans the steps of the slot's window up to `last`. Where nobody can act that one is due at once."""
    SlotStep.objects.bulk_create(
        SlotStep(slot=slot, step=step, due_at=opened_at if nobody and step is last else due_at)
        for step, due_at in plan(opened_at=opened_at, due_at=slot.due_at, last=last)
    )


def call(slot: ReviewSlot, people: Iterable[tuple[User, Candidate]], *, now: datetime, step: str = "") -> list[User]:
    """Notes who is called and gives each a link to the slot; returns those who were not called before."""
    known = set(slot.calls.values_list("user_id", flat=True))
    new = [(user, candidate) for user, candidate in people if user.pk not in known]
    SlotCall.objects.bulk_create(SlotCall(slot=slot, user=user, tier=candidate.tier, step=step, called_at=now) for user, candidate in new)
    ReviewLink.objects.bulk_create(
        (ReviewLink(slot=slot, user=user, digest=digest_of(token_of(slot.pk, user.pk)), made_at=now) for user, _ in new),
        ignore_conflicts=True,
    )
    return [user for user, _ in new]
