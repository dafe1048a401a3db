"""Storing one more revision. Used inside a unit of work, with the update's row locked."""

from dataclasses import replace
from datetime import datetime

from accounts.actors import Actor
from audit.services import UnitOfWork
from catalogue.models import Component
from core.errors import InvalidInput
from core.events import publish
from incidents.events import RevisionAdded
from incidents.models import Incident, Update, UpdateContributor, UpdateRevision
from incidents.queries import current_decision, decision_value
from incidents.rules.content import Content
from incidents.rules.content_check import problems, promise_problem
from incidents.rules.words import CORRECTING, UpdateKind
from incidents.services.drafting import policy_minutes
from stakeholders.queries import audience_keys


def require_storable(content: Content) -> None:
    """Raises `InvalidInput` naming the fields that cannot be stored."""
    named = [component.id for component in content.components]
    known = set(Component.objects.filter(public_id__in=named).values_list("public_id", flat=True))
    if found := problems(content, audiences=audience_keys(), components=known):
        raise InvalidInput("Correct the fields named.", fields=found)


def require_promise(incident: Incident, content: Content, now: datetime, *, kind: str = UpdateKind.UPDATE) -> None:
    """Raises `InvalidInput` for a promise beyond the policy's bounds that gives no reason.

    A correction or retraction need promise nothing: the promise that runs goes on running. A drill promises nobody anything.
    """
    if kind == UpdateKind.DRILL or (kind in CORRECTING and content.next_update_minutes is None):
        return
    said = promise_problem(
        content,
        policy_minutes=policy_minutes(incident, content.status, content.audiences, now),
        bounds=decision_value(current_decision(incident)).promise_bounds,
    )
    if said:
        raise InvalidInput("Correct the fields named.", fields={"next_update_minutes": [said]})


def following_policy(incident: Incident, old: Content, new: Content, now: datetime) -> Content:
    """`new`, its promise following the policy where status or audiences changed and nobody had chosen another time."""
    moved = (old.status, set(old.audiences)) != (new.status, set(new.audiences))
    if not moved or new.next_update_minutes != old.next_update_minutes:
        return new
    if old.next_update_minutes != policy_minutes(incident, old.status, old.audiences, now):
        return new
    return replace(new, next_update_minutes=policy_minutes(incident, new.status, new.audiences, now))


def add_revision(work: UnitOfWork, *, actor: Actor, update: Update, content: Content) -> UpdateRevision:
    """Numbers and stores the content, remembers who wrote it, and says so."""
    number = 1 if update.current is None else update.current.number + 1
    revision = UpdateRevision.objects.create(
        update_of=update,
        number=number,
        content=content.as_json(),
        content_hash=content.hash(),
        author=actor.user,
        author_ref=actor.ref,
        created_at=work.now,
    )
    update.current = revision
    update.save(update_fields=["current"])
    if actor.user is not None:
        UpdateContributor.objects.get_or_create(update_of=update, user=actor.user, defaults={"since": work.now})
    work.record(
        "update.revised",
        subject=f"update:{update.public_id}",
        body={"revision": number, "content_hash": revision.content_hash, "content": revision.content},
    )
    publish(RevisionAdded(update_id=update.pk, revision_id=revision.pk, actor=actor.ref, at=work.now))
    return revision
