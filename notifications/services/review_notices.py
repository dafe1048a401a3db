"""Letters to reviewers: one for each person and review, with a link of their own that opens the page and decides nothing."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from accounts.actors import system
from accounts.models import User
from approvals.models import ReviewSlot, SlotStep
from approvals.queries.links import path_of
from approvals.queries.subject import SUBJECT_OF_SLOT, Subject, subject_of
from approvals.rules.review import named
from approvals.rules.words import Step
from incidents.rules.words import UpdateKind
from notifications.queries.asked_again import asked_again
from notifications.rules.escaping import plain
from notifications.rules.times import readers
from notifications.services.plan_notice import plan_notice

ACTOR = system("notifications")
SAYS: dict[Step, tuple[str, str]] = {
    Step.REMINDER: ("Reminder", "Half of the time for the {kind} review is gone and nobody has decided."),
    Step.BACKUP: ("You are called in", "A fifth of the time for the {kind} review is left and nobody has decided. You are its backup."),
    Step.NEXT_TIER: ("You are called in", "The time for the {kind} review has run out and nobody has decided. You can still give it."),
    Step.OVERRIDE_HOLDER: ("Nobody has decided", "The {kind} review is missing and its time has run out, or nobody can give it."),
}
_FIRST: dict[str, str] = {UpdateKind.CORRECTION: "Correction to review", UpdateKind.RETRACTION: "Retraction to review"}
_NAMED: dict[str, str] = {
    UpdateKind.CORRECTION: "a correction of what was said about",
    UpdateKind.RETRACTION: "a retraction of what was said about",
}


def plan_review_letters(*, now: datetime, round_id: int) -> None:
    """Asks those who were called when the round was opened."""
    slots = ReviewSlot.objects.filter(round=round_id, review__isnull=True, carried__isnull=True)
    for slot in slots.select_related(*SUBJECT_OF_SLOT):
        subject = subject_of(slot.round)
        asked = f"{plain(slot.round.requested_by.get_full_name())} asks for the {named(slot.kind)} review of {_what(slot, subject)}."
        again = asked_again(slot.round)
        _write(
            slot,
            subject,
            _linked(slot),
            [call.user for call in slot.calls.select_related("user").filter(step="")],
            now=now,
            key="",
            title="Review again" if again else _FIRST.get(_kind(slot), "Review wanted"),
            said=f"{asked}{again}{_stands(slot)}",
        )


def plan_step_letters(*, now: datetime, step_id: int, user_ids: Iterable[str]) -> None:
    """Tells those whom a step of the review's clock calls, and says so where it is told late."""
    step = SlotStep.objects.select_related(*(f"slot__{path}" for path in SUBJECT_OF_SLOT)).get(pk=step_id)
    slot = step.slot
    subject, linked = subject_of(slot.round), _linked(slot)
    told = list(User.objects.filter(pk__in=list(user_ids)).order_by("username"))
    called, others = [user for user in told if user.pk in linked], [user for user in told if user.pk not in linked]
    late = f" This letter is late: the step was due {readers(step.due_at)} and nothing watched the clock." if step.told_late else ""
    # Who was given no link gives no review: they are told that it is missing.
    for people, (title, said) in ((called, SAYS[Step(step.step)]), (others, SAYS[Step.OVERRIDE_HOLDER])):
        _write(
            slot,
            subject,
            linked,
            people,
            now=now,
            key=f":{step.step}",
            title=f"Late: {title}" if step.told_late else title,
            said=said.format(kind=named(slot.kind)) + late,
        )


def _kind(slot: ReviewSlot) -> str:
    """What kind of update it is about; empty for a holding statement."""
    return slot.round.update_of.kind if slot.round.holding_version_id is None else ""


def _what(slot: ReviewSlot, subject: Subject) -> str:
    if subject.is_statement:
        return f"the holding statement **{plain(subject.title)}**"
    return f"{_NAMED.get(_kind(slot), 'an update to')} **{plain(subject.title)}**"


def _stands(slot: ReviewSlot) -> str:
    """Of a holding statement: what its approval is worth, and for how long."""
    version = slot.round.holding_version
    if version is None or version.expires_at is None:
        return ""
    return f" Once approved it can be released without a further review, until {readers(version.expires_at)}."


def _linked(slot: ReviewSlot) -> frozenset[UUID]:
    """Who has a link of their own to the review."""
    return frozenset(slot.links.values_list("user_id", flat=True))


def _write(
    slot: ReviewSlot, subject: Subject, linked: frozenset[UUID], people: list[User], *, now: datetime, key: str, title: str, said: str
) -> None:
    for user in people:
        plan_notice(
            actor=ACTOR,
            now=now,
            source_key=f"slot:{slot.pk}:{user.pk}{key}",
            incident=subject.incident,
            people=[user],
            title=f"{title}: {subject.title}",
            body=said,
            # Holders of the override, and who asked, were given no link to the review: they open the page itself.
            path=path_of(slot.pk, user.pk) if user.pk in linked else subject.path,
            due_at=slot.due_at,
        )
