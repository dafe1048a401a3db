"""The clock of promises: reminders before, at and after, then the deputy and the manager on duty."""

from datetime import datetime
from functools import partial

from django.db.models import Exists, OuterRef, QuerySet

from accounts.actors import system
from audit.services import UnitOfWork, unit_of_work
from core.events import publish
from core.one_by_one import one_by_one
from incidents.events import PromiseReminder
from incidents.models import Incident, PromiseStep, Snooze, UpdatePromise
from incidents.queries.hearing import keepable
from incidents.rules.promises import noticed_late
from incidents.rules.words import Step
from incidents.services.nothing_new import prepare_nothing_new
from incidents.services.timeline import note

ACTOR = system("promises")
AT_ONCE = 100
PASSED_OVER = "a later step came in its place"
TOLD: dict[Step, str] = {
    Step.DUE: "The update promised for {due:%H:%M} UTC is overdue.",
    Step.DEPUTY: "The update promised for {due:%H:%M} UTC is overdue: the deputy is called in.",
    Step.MANAGER: "The update promised for {due:%H:%M} UTC is overdue: the manager on duty is called in.",
}


def claim_due_steps(*, now: datetime) -> int:
    """Fires for each promise the newest of its steps that are due, and says so once; returns how many promises were told of.

    Steps passed over are marked so: after an outage of the scheduler each promise is told of once, late and labelled.
    Incidents that another worker holds are left to the next call. A snoozed promise keeps quiet until the snooze ends, and one
    whose readers may not be told of the incident keeps quiet until one of them may: nobody could keep it.
    """
    told = 0
    for pk in _ringing(now):
        # Only what was told counts: what keeps quiet takes nobody else's place.
        if told == AT_ONCE:
            break
        told += one_by_one([pk], partial(_tell, now=now), what="The clock of incident")
    return told


def _ringing(now: datetime) -> list[int]:
    waiting = _waiting(now, UpdatePromise.objects.filter(incident=OuterRef("pk")))
    return list(Incident.objects.filter(Exists(waiting)).order_by("pk").values_list("pk", flat=True))


def _tell(pk: int, *, now: datetime) -> bool:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        # The incident is locked before its promise, as everywhere: a release turns the promise under that lock.
        incident = Incident.objects.select_for_update(of=("self",), skip_locked=True, no_key=True).filter(pk=pk).first()
        if incident is None:
            return False
        # Whoever held the incident until now may have turned the promise meanwhile.
        promise = _to_tell(incident, now=now)
        if promise is None:
            return False
        _fire(work, incident, promise)
        return True


def _to_tell(incident: Incident, *, now: datetime) -> UpdatePromise | None:
    """The first of its promises that wait to be told of and that an update can keep."""
    waiting = list(_waiting(now, incident.promises.all()).select_for_update(of=("self",), no_key=True).order_by("due_at", "id"))
    able = keepable(waiting)
    return next((each for each in waiting if each.pk in able), None)


def _waiting(now: datetime, among: "QuerySet[UpdatePromise]") -> "QuerySet[UpdatePromise]":
    """Those that run, with a step that is due and not fired, and no snooze that still runs."""
    due = PromiseStep.objects.filter(promise=OuterRef("pk"), due_at__lte=now, fired_at__isnull=True, skipped="")
    asleep = Snooze.objects.filter(promise=OuterRef("pk"), until__gt=now)
    return among.filter(Exists(due), ~Exists(asleep), closed_at__isnull=True)


def _fire(work: UnitOfWork, incident: Incident, promise: UpdatePromise) -> None:
    due = list(promise.steps.filter(due_at__lte=work.now, fired_at__isnull=True, skipped="").order_by("due_at", "id"))
    last = due[-1]
    step = Step(last.step)
    late = _late(promise, due, work.now)
    promise.steps.filter(pk__in=[passed.pk for passed in due[:-1]]).update(skipped=PASSED_OVER)
    last.fired_at, last.told_late = work.now, late
    last.save(update_fields=["fired_at", "told_late"])
    first_telling = step is not Step.BEFORE and promise.overdue_told_at is None
    if first_telling:
        promise.overdue_told_at, promise.told_late = work.now, late
        promise.save(update_fields=["overdue_told_at", "told_late"])
    work.record(
        "promise.overdue" if first_telling else "promise.reminded",
        subject=f"incident:{incident.public_id}",
        body={
            "step": step.value,
            "due_at": promise.due_at.isoformat(),
            "noticed_late": late,
            "passed_over": [each.step for each in due[:-1]],
        },
        policy_version=promise.policy_version,
    )
    if step in TOLD:
        note(incident, actor=ACTOR, now=work.now, kind="overdue", text=TOLD[step].format(due=promise.due_at))
    prepare_nothing_new(incident, promise, now=work.now)
    publish(PromiseReminder(promise_id=promise.pk, incident_id=incident.pk, step=step.value, due_at=promise.due_at, late=late, at=work.now))


def _late(promise: UpdatePromise, due: list[PromiseStep], now: datetime) -> bool:
    """Whether the clock was not watched when it should have told. A reminder before that was missed is no news once the time has come."""
    wanted = [step for step in due if step.step != Step.BEFORE] or due
    snoozed_until = promise.snoozes.order_by("-until").values_list("until", flat=True).first()
    since = min(step.due_at for step in wanted)
    return noticed_late(due_at=max(since, snoozed_until) if snoozed_until else since, now=now)
