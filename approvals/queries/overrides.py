"""Overrides: what the rules read, and what waits to be ratified."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.models import User
from accounts.queries.holders import held_since
from accounts.rules.roles import Permission
from approvals.models import Override
from approvals.queries.disputes import open_disputes
from approvals.queries.ground import Asking, first_asked, who_is_left
from approvals.queries.people import person_of
from approvals.queries.rounds import contributors_of, given_verdicts, live_round
from approvals.rules.override import ADMINISTERED_WITHIN, OverrideFacts, OverrideState, RatificationFacts, SlotFacts
from approvals.rules.words import Verdict
from core.errors import NotFound
from incidents.models import Incident, Update
from incidents.queries import current_decision, decision_value

_JOINED = ("update_of__incident", "update_of__release", "revision", "by", "decided_by", "correction", "round")


def overrides_visible_to(actor: Actor) -> QuerySet[Override]:
    """Every override of incidents the actor may see, newest first."""
    return Override.objects.filter(update_of__incident__in=Incident.objects.visible_to(actor)).select_related(*_JOINED)


def visible_override(actor: Actor, public_id: str) -> Override:
    """The override; raises `NotFound` for a missing and for a hidden one alike."""
    found = overrides_visible_to(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def override_of(update: Update) -> Override | None:
    """The override that let this update out, if one did."""
    return Override.objects.filter(update_of=update).select_related(*_JOINED).first()


def awaiting_ratification(actor: Actor) -> QuerySet[Override]:
    """Overrides nobody has decided on, those first whose time runs out first."""
    return overrides_visible_to(actor).filter(state=OverrideState.AWAITING).order_by("ratify_by", "id")


def override_facts(*, actor: Actor, user: User, update: Update, incident: Incident, revision: int, now: datetime) -> OverrideFacts:
    """What `may_override` reads. Reads rows as they are now; the service holds the update's lock meanwhile."""
    found = live_round(update)
    given = given_verdicts(found) if found else {}
    approved = {kind for kind, one in given.items() if one.verdict == Verdict.APPROVE}
    wrote = contributors_of(update)
    reviewed = frozenset(one.reviewer for one in given.values())
    decision = decision_value(current_decision(incident))
    slots = list(found.slots.select_related("round")) if found else []
    able, kept = who_is_left(slots, Asking(person_of(user), update, incident, wrote, reviewed, now))
    return OverrideFacts(
        state=update.state,
        revision_is_current=found is not None and found.revision_id == update.current_id and found.revision.number == revision,
        slots=tuple(
            SlotFacts(
                kind=slot.kind,
                due_at=slot.due_at,
                approved=slot.kind in approved,
                eligible=0 if slot.kind in approved else len(able[slot.kind]),
                kept_away=0 if slot.kind in approved else len(kept[slot.kind] - able[slot.kind]),
            )
            for slot in slots
        ),
        holds_permission=actor.may(Permission.RELEASE_OVERRIDE),
        is_contributor=person_of(user) in wrote,
        gave_review=any(one.reviewer == person_of(user) for one in given.values()),
        open_disputes=open_disputes(update).count(),
        policy_fills_legal=decision.override_fills_legal,
        holds_legal_role=actor.may(Permission.REVIEW_LEGAL),
        administers=found is not None and held_since(user, first_asked(update) - ADMINISTERED_WITHIN, Permission.ADMINISTER),
    )


def ratify_within(incident: Incident) -> timedelta:
    """How long there is to ratify an override, by the decision in force."""
    return timedelta(minutes=decision_value(current_decision(incident)).ratify_within_minutes)


def ratification_facts(*, actor: Actor, user: User, override: Override) -> RatificationFacts:
    """What `may_decide` reads."""
    return RatificationFacts(
        state=override.state,
        holds_permission=actor.may(Permission.RELEASE_RATIFY),
        overrode=person_of(user) == person_of(override.by),
        is_contributor=person_of(user) in contributors_of(override.update_of),
    )
