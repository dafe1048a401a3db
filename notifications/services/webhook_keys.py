"""The secret that an endpoint checks our signatures with: shown to whoever sets the endpoint up, and exchanged without a gap."""

from datetime import datetime, timedelta

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import NotFound
from notifications.models import WebhookKey
from notifications.transports.webhook_secrets import secrets_of
from stakeholders.models import ContactPoint
from stakeholders.rules.kinds import ContactKind

OVERLAP = timedelta(hours=24)
"""For so long after a change both secrets fit, so that the receiver changes over when it suits."""


def show_secret(*, actor: Actor, now: datetime, contact_point: int) -> str:
    """The secret in use. Who looked is on record. Raises `NotFound` for what is no webhook, `Forbidden`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        point = _webhook(actor, contact_point)
        work.record("webhook.secret_shown", subject=f"stakeholder:{point.stakeholder.public_id}", body={"contact_point": point.pk})
        return secrets_of([point.address], now)[point.address][0]


def rotate_secret(*, actor: Actor, now: datetime, contact_point: int) -> WebhookKey:
    """A new secret from now on; for a day everything is signed with both. Raises `NotFound`, `Forbidden`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        point = _webhook(actor, contact_point)
        WebhookKey.objects.get_or_create(address=point.address)
        key = WebhookKey.objects.select_for_update(no_key=True).get(address=point.address)
        key.generation, key.previous_until, key.rotated_at = key.generation + 1, now + OVERLAP, now
        key.save()
        work.record(
            "webhook.secret_rotated",
            subject=f"stakeholder:{point.stakeholder.public_id}",
            body={"contact_point": point.pk, "generation": key.generation},
        )
        return key


def _webhook(actor: Actor, contact_point: int) -> ContactPoint:
    actor.require(Permission.CHANNEL_WRITE)
    point = ContactPoint.objects.select_related("stakeholder").filter(pk=contact_point, kind=ContactKind.WEBHOOK).first()
    if point is None:
        raise NotFound
    return point
