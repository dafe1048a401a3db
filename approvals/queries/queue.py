"""What waits for a reviewer."""

from dataclasses import dataclass
from datetime import datetime

from accounts.actors import Actor
from approvals.models import ReviewSlot
from approvals.queries.gate import permission_for, review_blockers
from approvals.rules.reasons import Reason
from approvals.rules.words import RoundState
from incidents.models import Incident, Update


@dataclass(frozen=True)
class QueueItem:
    """One review that nobody has given yet. `reasons` says why the asker may not give it; empty when it is theirs to give."""

    slot: ReviewSlot
    update: Update
    overdue: bool
    reasons: tuple[Reason, ...]

    @property
    def is_for_me(self) -> bool:
        """Whether the asker may give this review."""
        return not self.reasons


def review_queue(actor: Actor, now: datetime) -> list[QueueItem]:
    """Open reviews of incidents the person may see, those they can give first, then by when they are due."""
    slots = (
        ReviewSlot.objects.filter(
            round__state=RoundState.OPEN, review__isnull=True, round__update_of__incident__in=Incident.objects.visible_to(actor)
        )
        .select_related("round__update_of__incident", "round__update_of__current", "round__revision", "round__requested_by")
        .order_by("due_at", "id")
    )
    items = [
        QueueItem(
            slot=slot,
            update=slot.round.update_of,
            overdue=slot.due_at < now,
            reasons=tuple(review_blockers(actor=actor, update=slot.round.update_of, kind=slot.kind, at=now)),
        )
        for slot in slots
        if permission_for(slot.kind) is not None
    ]
    return sorted(items, key=lambda item: (not item.is_for_me, item.slot.due_at))
