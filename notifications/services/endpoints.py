"""Endpoints of the readers' own that fail for days: they go on the review list, and are not called any more after a while."""

from collections.abc import Iterable
from datetime import datetime

from accounts.actors import Actor
from notifications.rules.states import Outcome
from notifications.transports.contract import Answer
from stakeholders.models import ContactPoint
from stakeholders.services.bounces import record_delivered, record_soft_bounce

_FAILED = frozenset({Outcome.TRANSIENT, Outcome.AMBIGUOUS})


def note_answers(*, actor: Actor, now: datetime, answers: Iterable[tuple[int, Answer]]) -> None:
    """What the contact points of a window answered, within the caller's unit of work.

    Each failure in a row counts as a soft bounce (`stakeholders.rules.bounces`): so many over days put the endpoint into quarantine, one
    success ends the row.
    """
    told = sorted(answers, key=lambda one: one[0])
    record_delivered(contact_points=[point for point, answer in told if answer.outcome is Outcome.ACCEPTED])
    failed = [(point, answer) for point, answer in told if answer.outcome in _FAILED]
    found = ContactPoint.objects.in_bulk([point for point, _ in failed])
    for point, answer in failed:
        record_soft_bounce(actor=actor, now=now, contact_point=found[point], detail=answer.detail)
