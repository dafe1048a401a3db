"""Taking in one notification: one transaction, whatever it leads to. It opens, joins and drafts; it never publishes."""

import hashlib
from datetime import datetime
from typing import NamedTuple

from accounts.actors import Actor, source
from audit.services import unit_of_work
from incidents.models import Incident
from incidents.rules.words import Status
from incidents.services.timeline import note
from integrations.alertmanager.episodes import everything_resolved, news
from integrations.alertmanager.opening import open_from
from integrations.alertmanager.payload import Alert, Notification, read
from integrations.alertmanager.proposal import propose_resolution
from integrations.alertmanager.wording import line_of
from integrations.models import AlertEpisode, AlertGroup, HookToken, InboundEvent
from integrations.rules.sources import Source

ACTOR = source(Source.ALERTMANAGER.value)
MOST_LINES = 20


class Received(NamedTuple):
    """What became of a notification, and how many of its alerts were new."""

    outcome: str
    new: int


def receive(*, now: datetime, token: HookToken, body: bytes) -> Received:
    """Stores and applies a body. Raises `UnreadableError` and stores nothing when it cannot be read."""
    notification = read(body)
    digest = hashlib.sha256(body).hexdigest()
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        group = locked_group(notification.group_key)
        if InboundEvent.objects.filter(source=Source.ALERTMANAGER, digest=digest).exists():
            return Received("nothing", 0)
        fresh = news(group, notification.alerts)
        event = InboundEvent(source=Source.ALERTMANAGER, token=token, body=body, digest=digest, received_at=now)
        event.outcome = _apply(group, notification, fresh.current, now)
        event.incident = group.incident if event.outcome != "nothing" else None
        event.save()
        AlertEpisode.objects.bulk_create(
            AlertEpisode(group=group, fingerprint=alert.fingerprint, status=alert.status, starts_at=alert.starts_at, event=event)
            for alert in fresh.unseen
        )
        if event.outcome != "nothing":
            body_of_record = {"digest": digest, "outcome": event.outcome, "incident": group.incident.public_id if group.incident else ""}
            work.record("hook.received", subject=f"hook:{Source.ALERTMANAGER.value}", body=body_of_record)
        return Received(event.outcome, len(fresh.current))


def locked_group(key: str) -> AlertGroup:
    """The group's row, made if need be, and locked: what arrives for one group at once is taken one after the other."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    AlertGroup.objects.bulk_create([AlertGroup(source=Source.ALERTMANAGER, key=key, key_digest=digest)], ignore_conflicts=True)
    return AlertGroup.objects.select_for_update(no_key=True).get(source=Source.ALERTMANAGER, key_digest=digest)


def _apply(group: AlertGroup, notification: Notification, fresh: list[Alert], now: datetime) -> str:
    firing = [alert for alert in fresh if alert.status == "firing"]
    incident = _open_incident_of(group)
    outcome = "nothing"
    if incident is None and firing:
        incident = group.incident = open_from(firing, actor=ACTOR, now=now)
        group.save(update_fields=["incident"])
        outcome = "opened"
    elif incident is not None and fresh:
        outcome = "joined" if firing else "noted"
    if incident is None or not fresh:
        return "nothing"
    _note(incident, fresh, actor=ACTOR, now=now)
    if notification.status == "resolved" and everything_resolved(group, notification):
        propose_resolution(incident, actor=ACTOR, now=now)
    return outcome


def _open_incident_of(group: AlertGroup) -> Incident | None:
    """The group's incident while it is open; locked, so that nobody resolves it meanwhile."""
    if group.incident_id is None:
        return None
    incidents = Incident.objects.select_for_update(of=("self",), no_key=True)
    return incidents.filter(pk=group.incident_id).exclude(status=Status.RESOLVED).first()


def _note(incident: Incident, alerts: list[Alert], *, actor: Actor, now: datetime) -> None:
    for alert in alerts[:MOST_LINES]:
        detail = {"labels": alert.labels, "starts_at": alert.starts_at, "fingerprint": alert.fingerprint}
        note(incident, actor=actor, now=now, kind="alert", text=line_of(alert), detail=detail)
    if len(alerts) > MOST_LINES:
        note(incident, actor=actor, now=now, kind="alert", text=f"… and {len(alerts) - MOST_LINES} more alerts in the same message")
