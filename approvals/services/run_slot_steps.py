"""Works off the clocks of slots: reminder, backup, next tier, and for updates the holders of the override; each told once."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from accounts.actors import system
from accounts.models import User
from accounts.rules.duties import REVIEWING, Duty
from approvals.events import SlotStepDue
from approvals.models import ReviewSlot, SlotStep
from approvals.queries.people import candidates
from approvals.queries.subject import SUBJECT_OF_SLOT, Subject, subject_of
from approvals.rules.eligibility import Candidate, called_in, nobody_can
from approvals.rules.review import named
from approvals.rules.windows import falling_due
from approvals.rules.words import RoundState, Step
from approvals.services.call_in import call
from audit.services import UnitOfWork, unit_of_work
from core.events import publish
from core.one_by_one import one_by_one
from incidents.services.timeline import note

AT_ONCE = 100
CLOCKWORK = system("review clock")
WORDS = {
    Step.REMINDER: "half of the time is gone",
    Step.BACKUP: "a fifth of the time is left, backups are called in",
    Step.NEXT_TIER: "the time has run out, the next reviewers are called in",
    Step.OVERRIDE_HOLDER: "nobody has decided, the holders of the override are called in",
}


def run_slot_steps(*, now: datetime) -> int:
    """Tells every step that is due, each slot in a transaction of its own; returns how many were told.

    Safe to run anywhere at any time: rows that another worker holds are passed over. A slot that was filled or whose
    round was closed meanwhile tells nothing. After an outage the furthest step alone is told, labelled late.
    """
    due = SlotStep.objects.filter(fired_at__isnull=True, due_at__lte=now).order_by("slot_id").values_list("slot_id", flat=True)
    return one_by_one(list(due.distinct()[:AT_ONCE]), partial(_run, now=now), what="The clock of slot")


def _run(slot_id: int, *, now: datetime) -> bool:
    with unit_of_work(actor=CLOCKWORK.ref, now=now) as work:
        waiting = {
            Step(step.step): step
            for step in SlotStep.objects.select_for_update(skip_locked=True, no_key=True).filter(slot_id=slot_id, fired_at__isnull=True)
        }
        falling = falling_due({step: row.due_at for step, row in waiting.items()}, now)
        if falling.fire is None:
            return False
        slot = ReviewSlot.objects.select_related(*SUBJECT_OF_SLOT).get(pk=slot_id)
        if _is_over(slot):
            _close(waiting.values(), now)
            return False
        _close([waiting[step] for step in falling.overtaken], now)
        _tell(work, slot, falling.fire, waiting, late=falling.late)
        return True


def _is_over(slot: ReviewSlot) -> bool:
    filled = hasattr(slot, "review") or hasattr(slot, "carried")
    return filled or slot.round.state != RoundState.OPEN


def _close(steps: Iterable[SlotStep], now: datetime) -> None:
    for row in steps:
        row.fired_at, row.skipped = now, True
        row.save(update_fields=["fired_at", "skipped"])


def _tell(work: UnitOfWork, slot: ReviewSlot, step: Step, waiting: dict[Step, SlotStep], *, late: bool) -> None:
    """Calls people in and says so once. Where no holder of the role can act, the holders of the override are called in at once."""
    subject = subject_of(slot.round)
    found = _candidates(slot, subject, Duty(slot.kind), work.now)
    if step is Step.NEXT_TIER and Step.OVERRIDE_HOLDER in waiting and nobody_can([candidate for _, candidate in found]):
        _close([waiting[step]], work.now)
        step = Step.OVERRIDE_HOLDER
    row = waiting[step]
    row.fired_at, row.told_late = work.now, late
    row.save(update_fields=["fired_at", "told_late"])
    people = _call_in(slot, subject, step, found, work.now)
    work.record(
        "review.step",
        subject=subject.ref,
        policy_version=slot.round.policy_version,
        body={
            "kind": slot.kind,
            "step": step.value,
            "due_at": row.due_at.isoformat(),
            "noticed_late": late,
            "called": [f"user:{user.pk}" for user in people],
        },
    )
    if subject.incident is not None:
        text = f"{'Noticed late: ' if late else ''}{named(slot.kind).capitalize()} review: {WORDS[step]}"
        detail = {"update": slot.round.update_of.public_id}
        note(subject.incident, actor=CLOCKWORK, now=work.now, kind="review", text=text, detail=detail)
    publish(
        SlotStepDue(
            step_id=row.pk,
            slot_id=slot.pk,
            update_id=slot.round.update_of_id,
            step=step.value,
            user_ids=tuple(str(user.pk) for user in people),
            due_at=row.due_at,
            late=late,
            at=work.now,
        )
    )


def _candidates(slot: ReviewSlot, subject: Subject, duty: Duty, now: datetime) -> list[tuple[User, Candidate]]:
    return candidates(
        duty=duty,
        incident=subject.incident,
        at=now,
        contributors=subject.contributors,
        training_required=slot.round.training_required and duty in REVIEWING,
    )


def _call_in(slot: ReviewSlot, subject: Subject, step: Step, found: list[tuple[User, Candidate]], now: datetime) -> list[User]:
    """Who is told: at the reminder those asked already, later those newly called; at the last step also who can do something else.

    For an update that is the holders of the override. Nothing stands in for the review of a statement: whoever asked for it is told.
    """
    asked = [one.user for one in slot.calls.select_related("user").order_by("called_at", "id")]
    if step is Step.REMINDER:
        able = {candidate.user for _, candidate in found if candidate.can_act}
        return [user for user in asked if str(user.pk) in able]
    new = {one.user for one in called_in(step, [one for _, one in found], called={str(user.pk) for user in asked})}
    people = call(slot, [pair for pair in found if pair[1].user in new], now=now, step=step)
    if step is Step.OVERRIDE_HOLDER:
        holders = _candidates(slot, subject, Duty.OVERRIDE_HOLDER, now)
        people += [user for user, candidate in holders if candidate.can_act and user not in people]
    elif step is subject.last_step:
        people.append(slot.round.requested_by)
    return people
