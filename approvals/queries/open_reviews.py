"""Every review that waits, of updates and of holding statements, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from accounts.actors import Actor, person
from accounts.models import User
from accounts.queries.availability import facts_at
from accounts.rules.duties import Duty
from accounts.rules.roles import Permission
from approvals.models import ReviewSlot, SlotClaim
from approvals.queries.reading import reads_of, why_not
from approvals.rules.reasons import Reason
from approvals.rules.windows import share_left
from approvals.rules.words import RoundState
from incidents.models import Incident


@dataclass(frozen=True)
class Waiting:
    """A review that nobody has given. `reasons` says why the asker may not give it; `left` is the share of its window, in per cent."""

    slot: ReviewSlot
    reasons: tuple[Reason, ...]
    left: int
    overdue: bool
    claimed_by: User | None

    @property
    def is_mine(self) -> bool:
        """Whether the asker may give it."""
        return not self.reasons


def open_reviews(actor: Actor) -> QuerySet[ReviewSlot]:
    """Reviews that nobody has given: of incidents the actor may see, and of statements for who may read those."""
    seen = Q(round__update_of__incident__in=Incident.objects.visible_to(actor))
    if actor.may(Permission.TEMPLATE_READ):
        seen |= Q(round__holding_version__isnull=False)
    return (
        ReviewSlot.objects.filter(seen, round__state=RoundState.OPEN, review__isnull=True, carried__isnull=True)
        .select_related("round__update_of__incident", "round__revision", "round__requested_by", "round__holding_version__statement")
        .prefetch_related(
            Prefetch("claims", SlotClaim.objects.filter(given_up_at__isnull=True).select_related("user"), to_attr="open_claims")
        )
    )


def waiting(slots: Sequence[ReviewSlot], actor: Actor, now: datetime) -> list[Waiting]:
    """These reviews with what keeps the person asking from each, in a number of queries that does not grow with them.

    A token asks for its person, who gives reviews in a session of their own.
    """
    if not slots:
        return []
    asker = person(actor.user) if actor.user else actor
    roster, reads = facts_at({Duty(slot.kind) for slot in slots}, now), reads_of(slot.round for slot in slots)
    found = []
    for slot in slots:
        version, update = slot.round.holding_version, slot.round.update_of
        reasons = why_not(
            slot,
            reads[slot.round_id],
            actor=asker,
            state=version.state if version else update.state,
            revision_is_current=version is not None or slot.round.revision_id == update.current_id,
            roster=roster,
            at=now,
        )
        left = share_left(opened_at=slot.round.opened_at, due_at=slot.due_at, now=now)
        claimed_by = next((claim.user for claim in getattr(slot, "open_claims", [])), None)
        found.append(Waiting(slot, reasons, left, slot.due_at < now, claimed_by))
    return found
