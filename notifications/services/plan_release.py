"""A release becomes a message with its plan, and the first of its deliveries, in the release's own transaction."""

from datetime import datetime, timedelta

from django.db.models.functions import Now

from accounts.actors import Actor
from approvals.models import Release
from approvals.queries.owed import owed_by
from approvals.rules.correction import scope_that_binds
from audit.services import unit_of_work
from catalogue.models import Component
from incidents.models import Update
from incidents.queries import outside_scope_of
from incidents.queries.correcting import as_it_stands
from incidents.rules.content import Content
from incidents.rules.words import Status
from notifications.models import Message
from notifications.queries.promised import promise_that_runs_on
from notifications.queries.routing import frozen, ways_of
from notifications.rules.routing import PERSONAL
from notifications.rules.states import Lane, MessageKind
from notifications.rules.wordings import worded, wordings_of
from notifications.services.corrected import supersede_unsent
from notifications.services.expand import plan_first_pieces, write_correcting_steps, write_earlier_steps, write_steps
from notifications.services.fall_back import watch_times
from stakeholders.models import Audience
from stakeholders.queries import internal_audience_keys

USEFUL_FOR = timedelta(hours=24)


def plan_release(*, actor: Actor, now: datetime, release_id: int) -> Message:
    """Plans the release once, each audience by its route; asked again, returns the message that is there."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        release = Release.objects.select_related("update_of__incident", "revision").get(pk=release_id)
        source_key = f"release:{release.public_id}"
        existing = Message.objects.filter(source_key=source_key).first()
        if existing is not None:
            return existing
        content = release.revision.parsed()
        audiences = _audiences(release, content)
        ways = ways_of(release.update_of.incident, content)
        message = Message.objects.create(
            kind=MessageKind.RELEASE,
            source_key=source_key,
            lane=Lane.SUBSCRIBERS,
            release=release,
            incident=release.update_of.incident,
            wording=wordings_of(content),
            facts=_facts(content, release, [audience.key for audience in audiences]),
            plan=frozen(audiences, ways),
            created_at=now,
            expires_at=Now() + USEFUL_FOR,
        )
        corrected = release.update_of.corrects
        if corrected is not None:
            supersede_unsent(corrected)
            write_correcting_steps(message, channels=sorted({*PERSONAL} & {*content.channels}))
        else:
            write_steps(message, audiences, ways)
            if content.status == Status.RESOLVED:
                write_earlier_steps(message, channels=sorted({*PERSONAL} & {*content.channels}))
        watch_times(message, audiences, ways)
        planned = plan_first_pieces(message)
        work.record(
            "message.planned",
            subject=f"message:{message.public_id}",
            body={"kind": "release", "release": release.public_id, "content_hash": release.content_hash, "planned": planned},
        )
        return message


def _audiences(release: Release, content: Content) -> list[Audience]:
    """Those that are told, in their order.

    The release's gate has refused audiences outside their scope before, but for those that are owed a correction; leaving them out
    here keeps it true of any caller.
    """
    keys = worded(content).keys() & set(content.audiences)
    outside = outside_scope_of(release.update_of.incident, content.audiences)
    keys -= scope_that_binds(outside, owed_by(release.update_of)).keys()
    return list(Audience.objects.filter(key__in=keys).order_by("position", "id"))


def _facts(content: Content, release: Release, told: list[str]) -> dict[str, object]:
    update = release.update_of
    content = as_it_stands(update, content, update.incident)
    found = {c.public_id: c for c in Component.objects.filter(public_id__in=[c.id for c in content.components])}
    next_due = promise_that_runs_on(update, audiences=told, at=release.released_at)
    if content.next_update_minutes is not None:
        next_due = release.released_at + timedelta(minutes=content.next_update_minutes)
    return {
        "status": content.status,
        "impact": content.impact,
        "components": [
            {"name": found[c.id].name, "words": c.status.replace("_", " "), "is_public": found[c.id].is_public}
            for c in content.components
            if c.id in found
        ],
        "internal_audiences": sorted(internal_audience_keys() & set(content.audiences)),
        "released_at": release.released_at.isoformat(),
        "next_due_at": next_due.isoformat() if next_due else None,
        "incident": update.incident.public_id,
        "kind": update.kind,
        "corrects": _said_before(update),
    }


def _said_before(update: Update) -> str:
    """The message that told what this one puts right; empty where it is no correction, or nothing was sent."""
    if update.corrects_id is None:
        return ""
    return Message.objects.filter(release__update_of=update.corrects_id).values_list("public_id", flat=True).first() or ""
