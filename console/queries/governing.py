"""Disputes, overrides and holds as the pages show them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.rules.roles import Permission
from approvals.models import Dispute, Override
from approvals.queries.disputes import disputes_visible_to, passage_of
from approvals.queries.gate import release_facts
from approvals.queries.holds import holds_on_update, holds_visible_to
from approvals.queries.overrides import override_facts, override_of, overrides_visible_to
from approvals.rules.dispute import DisputeState, marked, text_of
from approvals.rules.override import OverrideFacts, OverrideState, filled, may_override, overridden_gate
from approvals.rules.reasons import Reason
from incidents.models import Incident, Update, UpdateRevision
from incidents.queries import correction_on_its_way
from incidents.rules.words import UpdateState


@dataclass(frozen=True)
class Context:
    """A passage with what stands around it, in the words as they are now or, where it is gone, as they were."""

    before: str
    quote: str
    after: str
    stands: bool


def context_of(dispute: Dispute) -> Context:
    """The whole text that the passage stands in."""
    current = dispute.update_of.current
    passage = passage_of(dispute)
    now = marked(current.parsed(), passage) if current else None
    content = current.parsed() if current and now else dispute.revision.parsed()
    found, text = now or passage, text_of(content, passage)
    return Context(text[: found.start], found.quote, text[found.end :], stands=now is not None)


def disputes_listed(actor: Actor) -> tuple[list[Dispute], list[Dispute]]:
    """Those that wait for a ruling, the nearest deadline first, and the last that were settled."""
    found = disputes_visible_to(actor)
    return list(found.filter(state=DisputeState.OPEN).order_by("due_at", "id")), list(
        found.exclude(state=DisputeState.OPEN).order_by("-closed_at", "-id")[:20]
    )


@dataclass(frozen=True)
class OverrideView:
    """Whether this person may override now, and what it would and would not do."""

    facts: OverrideFacts
    reasons: tuple[Reason, ...]
    fills: tuple[str, ...]
    fill_words: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether it may be used."""
        return not self.reasons


def override_view(actor: Actor, update: Update, revision: UpdateRevision, now: datetime) -> OverrideView:
    """As the service would decide it at this moment."""
    user = actor.require_person()
    facts = override_facts(actor=actor, user=user, update=update, incident=update.incident, revision=revision.number, now=now)
    fills = filled(facts, now)
    gate = overridden_gate(release_facts(update=update, incident=update.incident, revision=revision, at=now), fills)
    # A dispute is said twice, by the override and by the gate.
    codes = {reason.code for reason in may_override(facts, now)}
    reasons = (*may_override(facts, now), *(reason for reason in gate if reason.code not in codes))
    return OverrideView(facts, reasons, tuple(one.kind for one in fills), tuple(one.words for one in fills))


def overrides_listed(actor: Actor) -> tuple[list[Override], list[Override]]:
    """Those that wait to be ratified, the nearest deadline first, and the last that were decided."""
    found = overrides_visible_to(actor)
    return list(found.filter(state=OverrideState.AWAITING).order_by("ratify_by", "id")), list(
        found.exclude(state=OverrideState.AWAITING).order_by("-decided_at", "-id")[:20]
    )


def room_facts(actor: Actor, incident: Incident) -> dict[str, Any]:
    """What the incident room shows of all this: marks, holds, passages that wait."""
    holds = holds_visible_to(actor).filter(lifted_at__isnull=True)
    on_it = list(holds.filter(incident=incident) | holds.filter(update_of__incident=incident))
    overrides = Override.objects.filter(update_of__incident=incident).select_related("by", "update_of", "decided_by", "correction")
    return {
        # A mark that everything is settled about stays with its release and on its own page.
        "overrides": [one for one in overrides if one.state != OverrideState.RATIFIED],
        "disputes": list(Dispute.objects.filter(update_of__incident=incident, state=DisputeState.OPEN).order_by("due_at")),
        "holds": on_it,
        "incident_held": any(hold.incident_id is not None for hold in on_it),
        "may_hold": actor.may(Permission.RELEASE_HOLD),
    }


def release_page_facts(actor: Actor, update: Update) -> dict[str, Any]:
    """The same for one update's release and progress pages."""
    return {
        "override": override_of(update),
        "may_override": actor.may(Permission.RELEASE_OVERRIDE) and update.state == UpdateState.IN_REVIEW,
        "update_holds": holds_on_update(update),
        "may_hold": actor.may(Permission.RELEASE_HOLD),
        "on_its_way": correction_on_its_way(update),
        "may_draft": actor.may(Permission.UPDATE_WRITE),
    }


def waiting_decisions(actor: Actor) -> dict[str, int]:
    """How many disputes wait for a ruling and how many overrides to be ratified, of what the person may see."""
    return {
        "disputes_open": disputes_visible_to(actor).filter(state=DisputeState.OPEN).count(),
        "ratifications_open": overrides_visible_to(actor).filter(state=OverrideState.AWAITING).count(),
    }


def decisions_of(actor: Actor) -> tuple[list[Dispute], list[Override]]:
    """What this person is to decide: disputes of others, for an arbiter; overrides of others on words of others, for who may ratify."""
    disputes = disputes_visible_to(actor).filter(state=DisputeState.OPEN).exclude(by=actor.user).order_by("due_at")
    overrides = (
        overrides_visible_to(actor)
        .filter(state=OverrideState.AWAITING)
        .exclude(by=actor.user)
        .exclude(update_of__contributors__user=actor.user)
        .order_by("ratify_by")
    )
    return (
        list(disputes) if actor.may(Permission.DISPUTE_RULE) else [],
        list(overrides) if actor.may(Permission.RELEASE_RATIFY) else [],
    )
