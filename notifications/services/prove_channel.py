"""A test message: does this provider take what we send?"""

import uuid
from datetime import datetime

from django.conf import settings

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import NotFound
from notifications.models import ChannelProof, ChannelProvider
from notifications.rules.masked import masked
from notifications.rules.states import MessageKind, Outcome
from notifications.transports.contract import Answer, ChannelDown, Letter, MessageView
from notifications.transports.registry import TRANSPORTS
from stakeholders.services.addresses import normalise

TITLE = "Test message"
BODY = "**This is a test.** Somebody checks that messages reach this address. There is nothing to do."


def prove_channel(*, actor: Actor, now: datetime, channel: str, provider: str, address: str) -> ChannelProof:
    """Sends one message to that address, now, by this provider, and keeps what came of it. Whether it is enabled does not matter.

    The proof is on record before anything is sent. Raises `InvalidInput` for an address of another shape, `NotFound`, `Forbidden`.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.CHANNEL_WRITE)
        user = actor.require_person()
        row = ChannelProvider.objects.filter(channel=channel, provider=provider).first()
        if row is None or (channel, provider) not in TRANSPORTS:
            raise NotFound
        normal = normalise(channel, address, field="address")
        proof = ChannelProof.objects.create(provider=row, by=user, to=masked(normal), at=now)
        work.record("channel.tested", subject=f"channel:{channel}", body={"provider": provider, "proof": proof.pk, "to": proof.to})
    answer = _sent(channel, provider, _letter(proof, normal, user.time_zone or "UTC", now))
    with unit_of_work(actor=actor.ref, now=now) as work:
        proof.outcome, proof.code, proof.detail, proof.ended_at = answer.outcome, answer.code, answer.detail[:200], now
        proof.save(update_fields=["outcome", "code", "detail", "ended_at"])
        work.record(
            "channel.test_ended",
            subject=f"channel:{channel}",
            body={"provider": provider, "proof": proof.pk, "outcome": proof.outcome, "code": proof.code},
        )
    return proof


def _sent(channel: str, provider: str, letter: Letter) -> Answer:
    """Over connections of its own, so that no worker's is disturbed."""
    transport = TRANSPORTS[channel, provider]()
    try:
        transport.ready()
        return next(iter(transport.send([letter])))
    except ChannelDown as down:
        return Answer(Outcome.CONFIGURATION, detail=str(down))
    finally:
        transport.close()


def _letter(proof: ChannelProof, address: str, zone: str, now: datetime) -> Letter:
    view = MessageView(
        id=0,
        public_id=f"test-{proof.pk}",
        kind=MessageKind.NOTICE,
        wording={"": {"title": f"{TITLE} from {settings.PUBLIC_PAGE_NAME}", "body": BODY}},
        facts={"at": now.isoformat(), "path": "/console/channels/"},
    )
    return Letter(
        delivery=0,
        key=str(uuid.uuid4()),
        address=address,
        language="en",
        zone=zone,
        audience_key="",
        audience_name="",
        message=view,
        unsubscribe=None,
    )
