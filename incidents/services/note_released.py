"""What a release means for the incident. Part of the release's transaction."""

from datetime import datetime

from accounts.actors import Actor
from audit.services import UnitOfWork, unit_of_work
from catalogue.models import Component
from catalogue.services import follow_component_status
from core.events import publish
from incidents.events import IncidentChanged
from incidents.models import Incident, IncidentComponent, Update
from incidents.queries import current_decision
from incidents.queries.correcting import as_it_stands
from incidents.rules.content import Content
from incidents.rules.visibility import incident_may_show, public_wording
from incidents.rules.words import Status, UpdateKind, UpdateState
from incidents.services.deciding import decide_again, derive_scope, settle_first_promise
from incidents.services.locking import lock_incident_for_release
from incidents.services.promising import answer_promises, promise_next
from incidents.services.set_update_state import set_update_state
from incidents.services.start_update import require_move
from incidents.services.timeline import note
from stakeholders.queries import public_audience_key


def note_released(*, actor: Actor, now: datetime, update: Update, release_public_id: str) -> None:
    """The update is released: incident, components and promise follow its current revision.

    Of a correction only what somebody wrote in it moves anything, and an update that tells late that the incident is over changes
    nothing about it: it, its components and its impact stay as they are. The caller has checked who may and holds the update's lock.
    Raises `Conflict` when the incident cannot take the update's status any more.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        incident = lock_incident_for_release(update)
        if update.current is None:
            raise RuntimeError(f"Update {update.pk} has no revision.")
        content = as_it_stands(update, update.current.parsed(), incident)
        require_move(incident, content.status, kind=update.kind, readers=content.audiences)
        set_update_state(actor=actor, now=now, update=update, to=UpdateState.RELEASED)
        # Before anything is decided again, here or where a component moves: that takes whoever was told from the policy's promise.
        answer_promises(incident, update, content, now=now)
        late = incident.status == Status.RESOLVED and update.kind == UpdateKind.UPDATE
        changed = () if late else _follow(work, incident, content)
        decision = decide_again(work, incident, cause=f"an update was released: {content.status}")
        shown = incident_may_show(
            restricted=incident.restricted, stage=incident.stage, publishes_watching=decision.publishes_watching
        ) and bool(public_wording(content, public_audience_key()))
        if shown and not late:
            _move_components(actor, now, content)
            # The scope follows the components, and the policy reads the scope.
            incident.refresh_from_db()
            decision = current_decision(incident)
        promise_next(incident, update, content, decision, now=now)
        # Whom the policy names may be others now, and who has read something waits for the first word no more.
        settle_first_promise(incident, decision, now)
        note(
            incident,
            actor=actor,
            now=now,
            kind="released",
            text=f"Update released: {content.status}",
            detail={"update": update.public_id, "release": release_public_id},
        )
        if changed:
            publish(IncidentChanged(incident_id=incident.pk, fields=changed, actor=actor.ref, at=now))


def _follow(work: UnitOfWork, incident: Incident, content: Content) -> tuple[str, ...]:
    _link_components(incident, content)
    return _move_incident(work, incident, content)


def _move_incident(work: UnitOfWork, incident: Incident, content: Content) -> tuple[str, ...]:
    before = {"status": incident.status, "impact": incident.impact, "outage_scope": incident.outage_scope}
    # A component that the words name may have been out before.
    derive_scope(incident)
    wanted = {"status": content.status, "impact": content.impact, "outage_scope": incident.outage_scope}
    changed = tuple(name for name, value in wanted.items() if before[name] != value)
    if not changed:
        return ()
    incident.status, incident.impact = content.status, content.impact
    if "status" in changed:
        # What is put right about a resolved incident does not move when it was resolved.
        incident.resolved_at = work.now if content.status == Status.RESOLVED else None
    incident.version += 1
    incident.save(update_fields=["status", "impact", "outage_scope", "resolved_at", "version"])
    work.record("incident.changed", subject=f"incident:{incident.public_id}", body={"before": before, "after": wanted})
    return changed


def _link_components(incident: Incident, content: Content) -> None:
    for component in Component.objects.filter(public_id__in=[state.id for state in content.components]).order_by("pk"):
        IncidentComponent.objects.get_or_create(incident=incident, component=component)


def _move_components(actor: Actor, now: datetime, content: Content) -> None:
    """Only for a release that the public page shows: a component's state is on the page by itself."""
    wanted = {state.id: state.status for state in content.components}
    # In one order, so that two releases that share components wait for each other and do not deadlock.
    for component in Component.objects.filter(public_id__in=wanted).order_by("pk"):
        if component.status != wanted[component.public_id]:
            follow_component_status(actor=actor, now=now, component=component, status=wanted[component.public_id])
