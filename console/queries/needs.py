"""What waits for one person, most urgent first."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.actors import Actor
from accounts.rules.roles import Permission
from approvals.queries import review_queue
from console.queries.governing import decisions_of
from incidents.models import Incident, Update, UpdatePromise
from incidents.models.incident import IncidentQuerySet
from incidents.queries.hearing import keepable
from incidents.rules.words import ON_ITS_WAY, Status, UpdateState

SOON = timedelta(minutes=30)

# What is said of a promise whose update is in this state, and the act that brings it on: page and label.
_ACTS: dict[str, tuple[str, str, str]] = {
    UpdateState.DRAFT: ("a draft stands ready", "console:editor", "Write update"),
    UpdateState.IN_REVIEW: ("it is in review", "console:room", "Open room"),
    UpdateState.APPROVED: ("it is approved", "console:release", "Release"),
}


@dataclass(frozen=True)
class Need:
    """One thing that waits: by when (none: no hurry), what (`words`, then `more` after the time), and the one act.

    `act` names the page, `target` its id.
    """

    incident: Incident
    due_at: datetime | None
    words: str
    act: str
    label: str
    target: str
    tone: str = ""
    more: str = ""


def mine(actor: Actor, incidents: IncidentQuerySet) -> IncidentQuerySet:
    """The incidents whose promises the person answers for: those they command, and those that nobody commands yet."""
    if actor.user is None or not actor.may(Permission.UPDATE_WRITE):
        return incidents.none()
    return incidents.filter(Q(commander=actor.user) | Q(commander__isnull=True))


def needs_of(actor: Actor, now: datetime) -> list[Need]:
    """Promises overdue or soon due, reviews and decisions asked of the person, drafts and approved updates that lie there.

    A promise that nobody could keep now stands by and is none of these.
    """
    active = Incident.objects.visible_to(actor).exclude(status=Status.RESOLVED)
    answered_for = mine(actor, active)
    open_updates = {
        update.incident_id: update
        for update in Update.objects.filter(incident__in=active, state__in=ON_ITS_WAY).order_by("created_at", "id")
    }
    due = list(
        UpdatePromise.objects.filter(incident__in=answered_for, closed_at__isnull=True, due_at__lt=now + SOON)
        .select_related("incident")
        .order_by("due_at")
    )
    able = keepable(due)
    promised = [_promise(promise, open_updates.get(promise.incident_id), now) for promise in due if promise.pk in able]
    reviews = [
        Need(
            incident=item.update.incident,
            due_at=item.slot.due_at,
            words=f"{item.slot.kind.capitalize()} review by",
            more="you are asked",
            act="console:review",
            label="Review",
            target=item.update.public_id,
            tone="alarm" if item.overdue else "warn",
        )
        for item in review_queue(actor, now)
        if item.is_for_me
    ]
    decisions = _decisions(actor, now)
    told = {need.incident.pk for need in promised}
    lying = [
        need
        for incident in answered_for.filter(pk__in=open_updates).order_by("-opened_at")
        if incident.pk not in told and (need := _lying(actor, incident, open_updates[incident.pk])) is not None
    ]
    return sorted([*promised, *reviews, *decisions], key=lambda need: need.due_at or now) + lying


def _promise(promise: UpdatePromise, update: Update | None, now: datetime) -> Need:
    tone = "alarm" if promise.due_at < now else "warn"
    words = "Next update promised" if promise.made_by_id else "First update due"
    state = update.state if update is not None else ""
    more, act, label = _ACTS.get(state, ("nobody has begun it", "console:room", "Write update"))
    target = update.public_id if update is not None and act != "console:room" else promise.incident.public_id
    return Need(promise.incident, promise.due_at, words, act, label, target, tone, more)


def _decisions(actor: Actor, now: datetime) -> list[Need]:
    """Disputes to rule on and overrides to ratify, also of incidents that are over by now."""
    disputes, overrides = decisions_of(actor)
    ruling = [
        Need(
            incident=one.update_of.incident,
            due_at=one.due_at,
            words="Ruling due",
            more="a passage is disputed",
            act="console:dispute_page",
            label="Rule",
            target=one.public_id,
            tone="alarm" if one.due_at < now else "warn",
        )
        for one in disputes
    ]
    ratifying = [
        Need(
            incident=one.update_of.incident,
            due_at=one.ratify_by,
            words="To be ratified by",
            more="it was released by override",
            act="console:override_page",
            label="Decide",
            target=one.public_id,
            tone="alarm" if one.ratify_by < now else "warn",
        )
        for one in overrides
    ]
    return ruling + ratifying


def _lying(actor: Actor, incident: Incident, update: Update) -> Need | None:
    if update.state == UpdateState.DRAFT:
        return Need(incident, None, "A draft stands ready", "console:editor", "Open draft", update.public_id)
    if update.state == UpdateState.APPROVED and actor.may(Permission.UPDATE_RELEASE):
        return Need(incident, None, "Approved, not released", "console:release", "Release", update.public_id)
    return None
