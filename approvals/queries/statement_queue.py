"""Reviews of holding statements that wait for somebody."""

from dataclasses import dataclass
from datetime import datetime

from accounts.actors import Actor
from accounts.queries.availability import facts_at
from accounts.rules.duties import Duty
from accounts.rules.roles import Permission
from approvals.models import ReviewRound, ReviewSlot
from approvals.queries.reading import reads_of, why_not
from approvals.rules.reasons import Reason
from approvals.rules.words import RoundState
from templates.models import HoldingStatementVersion


@dataclass(frozen=True)
class StatementItem:
    """One review of a statement that nobody has given yet. `reasons` says why the asker may not; empty when it is theirs."""

    slot: ReviewSlot
    version: HoldingStatementVersion
    overdue: bool
    reasons: tuple[Reason, ...]

    @property
    def is_for_me(self) -> bool:
        """Whether the asker may give this review."""
        return not self.reasons


def statement_queue(actor: Actor, now: datetime) -> list[StatementItem]:
    """Open reviews of statements, those the person can give first, then by when they are due. Empty without the right to read."""
    if actor.user is None or not actor.may(Permission.TEMPLATE_READ):
        return []
    slots = list(
        ReviewSlot.objects.filter(round__in=ReviewRound.objects.about_statements(), round__state=RoundState.OPEN, review__isnull=True)
        .select_related("round__holding_version__statement", "round__requested_by")
        .order_by("due_at", "id")
    )
    if not slots:
        return []
    roster, reads = facts_at({Duty(slot.kind) for slot in slots}, now), reads_of(slot.round for slot in slots)
    items = []
    for slot in slots:
        version = slot.round.holding_version
        if version is not None:
            # A newer version voids the round: the version of an open one is the newest.
            reasons = why_not(slot, reads[slot.round_id], actor=actor, state=version.state, revision_is_current=True, roster=roster, at=now)
            items.append(StatementItem(slot, version, slot.due_at < now, reasons))
    return sorted(items, key=lambda item: (not item.is_for_me, item.slot.due_at))
