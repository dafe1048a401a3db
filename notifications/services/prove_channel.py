"""A test message: does this provider take what we send?"""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import InvalidInput, NotFound
from notifications.models import ChannelProof, ChannelProvider
from notifications.rules.masked import masked
from notifications.rules.states import MessageKind, Outcome
from notifications.transports.contract import Answer, ChannelDown, Letter, MessageView
from notifications.transports.registry import TRANSPORTS
from stakeholders.models import StoppedAddress
from stakeholders.rules.kinds import BY_READER
from stakeholders.services.addresses import normalise

TITLE = "Test message"
# Within a day: enough to set a provider up, too few to pester anybody with.
MOST_TO_ONE, MOST_BY_ONE = 10, 50
BODY = "**This is a test.** Somebody checks that messages reach this address. There is nothing to do."


def prove_channel(*, actor: Actor, now: datetime, channel: str, provider: str, address: str) -> ChannelProof:
    """Sends one message to that address, now, by this provider, and keeps what came of it. Whether it is enabled does not matter.

    The proof is on record before anything is sent. Raises `NotFound`, `Forbidden`, and `InvalidInput` naming `address`: for one of
    another shape, one whose reader asked for no more, and where it or its sender had their share of tests within a day.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.CHANNEL_WRITE)
        user = actor.require_person()
        row = ChannelProvider.objects.filter(channel=channel, provider=provider).first()
        if row is None or (channel, provider) not in TRANSPORTS:
            raise NotFound
        normal = normalise(channel, address, field="address")
        _require_wanted(channel, normal)
        digest = _digest(channel, normal)
        _require_few(user, digest, now)
        proof = ChannelProof.objects.create(provider=row, by=user, to=masked(normal), address_digest=digest, at=now, key=uuid.uuid4())
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


def _require_wanted(channel: str, address: str) -> None:
    """A test is a message too."""
    if StoppedAddress.objects.filter(kind=channel, address=address.lower(), because__in=sorted(BY_READER)).exists():
        raise _refused("Its reader asked for no more messages: no test is sent there.")


def _require_few(user: User, digest: str, now: datetime) -> None:
    with connection.cursor() as cursor:  # two at once are counted one after the other
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('notifications_proofs_counted'))")
    lately = ChannelProof.objects.filter(at__gt=now - timedelta(days=1))
    if lately.filter(address_digest=digest).count() >= MOST_TO_ONE:
        raise _refused(f"{MOST_TO_ONE} tests went to this address within a day: use another, or wait until tomorrow.")
    if lately.filter(by=user).count() >= MOST_BY_ONE:
        raise _refused(f"You sent {MOST_BY_ONE} tests within a day: go on tomorrow.")


def _refused(message: str) -> InvalidInput:
    return InvalidInput(message, fields={"address": [message]})


def _digest(channel: str, address: str) -> str:
    return salted_hmac("notifications.proof", f"{channel}:{address.lower()}", algorithm="sha256").hexdigest()


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
        key=str(proof.key),
        address=address,
        language="en",
        zone=zone,
        audience_key="",
        audience_name="",
        message=view,
        unsubscribe=None,
    )
