"""What waits for a reviewer."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch

from accounts.actors import Actor
from accounts.models import User
from accounts.queries.availability import facts_at
from accounts.rules.duties import Duty
from approvals.models import ReviewSlot, SlotClaim
from approvals.queries.reading import reads_of, why_not
from approvals.rules.reasons import Reason
from approvals.rules.review import named
from approvals.rules.windows import share_left
from approvals.rules.words import RoundState
from incidents.models import Incident, Update


@dataclass(frozen=True)
class QueueItem:
    """One review that nobody has given yet. `reasons` says why the asker may not give it; empty when it is theirs to give.

    `left` is the share of its window that is left, in per cent.
    """

    slot: ReviewSlot
    update: Update
    overdue: bool
    reasons: tuple[Reason, ...]
    left: int
    claimed_by: User | None

    @property
    def kind_words(self) -> str:
        """The kind as people read it."""
        return named(self.slot.kind)

    @property
    def headline(self) -> str:
        """The title of the wording of its first audience, to tell updates of one incident apart."""
        revision = self.update.current
        wording = revision.parsed().wording if revision else {}
        return next((words.title for _, by_language in sorted(wording.items()) for words in by_language.values()), "")

    @property
    def is_for_me(self) -> bool:
        """Whether the asker may give this review."""
        return not self.reasons


def review_queue(actor: Actor, now: datetime) -> list[QueueItem]:
    """Open reviews of incidents the person may see: those they can give first, each part by what runs out first.

    In a number of queries that does not grow with the queue.
    """
    slots = list(
        ReviewSlot.objects.filter(
            round__state=RoundState.OPEN,
            review__isnull=True,
            carried__isnull=True,
            round__update_of__incident__in=Incident.objects.visible_to(actor),
        )
        .select_related("round__update_of__incident", "round__update_of__current", "round__revision", "round__requested_by")
        .prefetch_related(
            Prefetch("claims", SlotClaim.objects.filter(given_up_at__isnull=True).select_related("user"), to_attr="open_claims")
        )
        .order_by("due_at", "id")
    )
    if not slots:
        return []
    roster, reads = facts_at({Duty(slot.kind) for slot in slots}, now), reads_of(slot.round for slot in slots)
    items = [
        QueueItem(
            slot=slot,
            update=slot.round.update_of,
            overdue=slot.due_at < now,
            reasons=why_not(
                slot,
                reads[slot.round_id],
                actor=actor,
                state=slot.round.update_of.state,
                revision_is_current=slot.round.revision_id == slot.round.update_of.current_id,
                roster=roster,
                at=now,
            ),
            left=share_left(opened_at=slot.round.opened_at, due_at=slot.due_at, now=now),
            claimed_by=next((claim.user for claim in getattr(slot, "open_claims", [])), None),
        )
        for slot in slots
    ]
    return sorted(items, key=lambda item: (not item.is_for_me, item.slot.due_at))
