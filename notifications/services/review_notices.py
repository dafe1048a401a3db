"""Letters to reviewers: one for each person and review, with a link of their own that opens the page and decides nothing."""

from collections.abc import Iterable
from datetime import datetime

from accounts.actors import system
from accounts.models import User
from approvals.models import ReviewSlot, SlotStep
from approvals.queries.links import path_of
from approvals.rules.review import named
from approvals.rules.words import Step
from notifications.rules.escaping import plain
from notifications.rules.times import in_words, zone_named
from notifications.services.plan_notice import plan_notice

ACTOR = system("notifications")
_UTC = zone_named("UTC")
SAYS: dict[Step, tuple[str, str]] = {
    Step.REMINDER: ("Reminder", "Half of the time for the {kind} review is gone and nobody has decided."),
    Step.BACKUP: ("You are called in", "A fifth of the time for the {kind} review is left and nobody has decided. You are its backup."),
    Step.NEXT_TIER: ("You are called in", "The time for the {kind} review has run out and nobody has decided. You can still give it."),
    Step.OVERRIDE_HOLDER: ("Nobody has decided", "The {kind} review is missing and its time has run out, or nobody can give it."),
}


def plan_review_letters(*, now: datetime, round_id: int) -> None:
    """Asks those who were called when the round was opened."""
    slots = ReviewSlot.objects.filter(round=round_id, review__isnull=True, carried__isnull=True)
    for slot in slots.select_related("round__update_of__incident", "round__requested_by"):
        asked = f"{slot.round.requested_by.get_full_name()} asks for the {named(slot.kind)} review of an update"
        _write(
            slot,
            [call.user for call in slot.calls.select_related("user").filter(step="")],
            now=now,
            key="",
            title="Review wanted",
            said=f"{asked} to **{plain(slot.round.update_of.incident.title)}**, by {in_words(slot.due_at, _UTC)}.",
        )


def plan_step_letters(*, now: datetime, step_id: int, user_ids: Iterable[str]) -> None:
    """Tells those whom a step of the review's clock calls, and says so where it is told late."""
    step = SlotStep.objects.select_related("slot__round__update_of__incident").get(pk=step_id)
    title, said = SAYS[Step(step.step)]
    late = f" This letter is late: the step was due {in_words(step.due_at, _UTC)} and nothing watched the clock." if step.told_late else ""
    _write(
        step.slot,
        list(User.objects.filter(pk__in=list(user_ids)).order_by("username")),
        now=now,
        key=f":{step.step}",
        title=f"Late: {title}" if step.told_late else title,
        said=said.format(kind=named(step.slot.kind)) + late,
    )


def _write(slot: ReviewSlot, people: list[User], *, now: datetime, key: str, title: str, said: str) -> None:
    update = slot.round.update_of
    linked = set(slot.links.values_list("user_id", flat=True))
    for user in people:
        plan_notice(
            actor=ACTOR,
            now=now,
            source_key=f"slot:{slot.pk}:{user.pk}{key}",
            incident=update.incident,
            people=[user],
            title=f"{title}: {update.incident.title}",
            body=said,
            # Holders of the override were given no link to the review: they open the page itself.
            path=path_of(slot.pk, user.pk) if user.pk in linked else f"/console/updates/{update.public_id}/review/",
        )
