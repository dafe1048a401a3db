"""Making, moving and closing promises with the steps of their clocks. Used inside a unit of work, under the incident's lock."""

from collections.abc import Collection
from datetime import datetime, timedelta

from incidents.models import Incident, PolicyDecision, PromiseStep, Update, UpdatePromise
from incidents.queries import decision_value
from incidents.rules.content import Content
from incidents.rules.promises import due, moved_due, outcome_of, steps
from incidents.rules.words import CORRECTING, PromiseOutcome, Status

CLOSED = "the promise was closed"


def make_promise(
    incident: Incident,
    *,
    now: datetime,
    minutes: int,
    policy_version: int,
    policy_minutes: int | None,
    made_by: Update | None = None,
    reason: str = "",
    resumes: UpdatePromise | None = None,
    audiences: Collection[str] = (),
) -> UpdatePromise:
    """A running promise with its steps. What differs from the policy's minutes is a person's choice, and kept as such.

    One that `resumes` another, which no update answered, counts from the other's start and is due as if that had never been
    closed. A step whose time has passed comes at once. `audiences` are those it is made to; none: any release answers it.
    """
    promise = UpdatePromise.objects.create(
        incident=incident,
        made_by=made_by,
        made_at=resumes.made_at if resumes else now,
        due_at=moved_due(made_at=resumes.made_at, old_due=resumes.due_at, minutes=minutes, now=now)
        if resumes
        else due(made_at=now, minutes=minutes),
        policy_version=policy_version,
        policy_minutes=policy_minutes,
        chosen_minutes=None if minutes == policy_minutes else minutes,
        chosen_reason=reason,
        audiences=sorted(audiences),
        untold=sorted(audiences),
    )
    times = steps(made_at=promise.made_at, due_at=promise.due_at)
    PromiseStep.objects.bulk_create(PromiseStep(promise=promise, step=step, due_at=max(at, now)) for step, at in times.items())
    return promise


def move_promise(promise: UpdatePromise, *, due_at: datetime, now: datetime) -> None:
    """Another due time, and the clock set anew; a step whose time would lie in the past comes at once. The caller saves the promise."""
    if due_at == promise.due_at:
        return
    promise.due_at = due_at
    for step, at in steps(made_at=promise.made_at, due_at=due_at).items():
        PromiseStep.objects.update_or_create(
            promise=promise, step=step, defaults={"due_at": max(at, now), "fired_at": None, "told_late": False, "skipped": ""}
        )


def close_promise(promise: UpdatePromise, *, now: datetime, kept_by: Update | None = None, replaced: bool = False) -> None:
    """Closes it: kept or late by an update, replaced by another promise, or withdrawn because none is due any more.

    One that is overdue is late by the time passed, also without an update.
    """
    promise.closed_at = now
    promise.kept_by = kept_by
    promise.outcome, promise.late_by_seconds = outcome_of(due_at=promise.due_at, kept_at=now)
    if kept_by is None and promise.outcome is not PromiseOutcome.LATE:
        promise.outcome = PromiseOutcome.REPLACED if replaced else PromiseOutcome.WITHDRAWN
    promise.save()
    promise.steps.filter(fired_at__isnull=True, skipped="").update(skipped=CLOSED)


def answer_promises(incident: Incident, update: Update, content: Content, *, now: datetime) -> None:
    """What a release means for the promises that run.

    A promise is answered by whoever it was made to having read something since: those left out go on waiting for it, by the
    same clock. A correction or retraction is not the news that was promised: before its time it replaces the promise for its
    readers if it makes one, and else lets it run. One that is overdue is answered by whatever comes. That the incident is
    resolved is the last word, whatever says it: nobody waits any more.
    """
    read = frozenset(content.audiences)
    ends = content.status == Status.RESOLVED
    makes = _promised_minutes(content) is not None
    for promise in incident.promises.select_for_update(of=("self",), no_key=True).filter(closed_at__isnull=True).order_by("pk"):
        early = update.kind in CORRECTING and promise.due_at > now and not ends
        if not early or makes:
            _answer(promise, read, update, now=now, replaced=early)
        if promise.closed_at is None and ends:
            close_promise(promise, now=now)


def promise_next(incident: Incident, update: Update, content: Content, decision: PolicyDecision, *, now: datetime) -> None:
    """The promise that a release makes itself, to those who read it; the ones that ran are answered before."""
    minutes = _promised_minutes(content)
    if minutes is None:
        return
    make_promise(
        incident,
        now=now,
        minutes=minutes,
        policy_version=decision.policy_version,
        policy_minutes=decision_value(decision).minutes_until_next(
            content.status, audiences=content.audiences, elapsed_minutes=max(0, (now - incident.opened_at) // timedelta(minutes=1))
        ),
        made_by=update,
        reason=content.promise_reason or "",
        audiences=frozenset(content.audiences),
    )


def _promised_minutes(content: Content) -> int | None:
    return None if content.status == Status.RESOLVED else content.next_update_minutes


def _answer(promise: UpdatePromise, read: frozenset[str], update: Update, *, now: datetime, replaced: bool) -> None:
    """The readers of the update wait no more for the promise; closed when nobody does."""
    left = [key for key in promise.untold if key not in read]
    if promise.audiences and left == promise.untold:
        return
    promise.untold = left
    if left:
        promise.save(update_fields=["untold"])
    else:
        close_promise(promise, now=now, kept_by=None if replaced else update, replaced=replaced)
