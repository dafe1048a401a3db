"""Claiming what is due and sending it: small windows, each opened in one commit and closed in another.

Killed at any moment, a worker leaves at most one window of attempts whose end nobody knows. Each channel has its own claim.
"""

import logging
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from accounts.actors import system
from audit.services import unit_of_work
from core.clock import utc_now
from notifications.models import ChannelProvider
from notifications.rules.retry import after
from notifications.rules.smtp_replies import nobody_can_be_reached
from notifications.rules.states import Outcome
from notifications.services import rows
from notifications.services.load import Parcel, load
from notifications.services.settle import settle
from notifications.services.stopping import stop_what_may_not_go
from notifications.transports.contract import Answer, ChannelDown, Transport
from notifications.transports.registry import TRANSPORTS, transport_for
from stakeholders.models import ContactPoint
from stakeholders.rules.kinds import SuppressionKind
from stakeholders.services.stop_writing import suppress_contact_point

CLAIM = 100
ACTOR = system("delivery")
_STOPS = frozenset({Outcome.CONFIGURATION, Outcome.THROTTLED})
_chance = random.SystemRandom().random
logger = logging.getLogger(__name__)


def lease_of(transport: Transport) -> timedelta:
    """Three times what one request may take: enough to find that the time is up and give the rest back."""
    return timedelta(seconds=max(6, 3 * transport.request_timeout))


def claim_and_send(*, now_fn: Callable[[], datetime] = utc_now, limit: int = CLAIM) -> int:
    """Sends up to `limit` due deliveries of each channel; returns how many were claimed, 0 when there is nothing to do for now."""
    return sum(_claim_and_send(transport_for(*name), now_fn, limit) for name in _serving())


def _serving() -> list[tuple[str, str]]:
    """For each channel the enabled provider with the lowest position that there is a transport for."""
    found: dict[str, str] = {}
    enabled = ChannelProvider.objects.filter(enabled=True).order_by("channel", "position")
    for channel, provider in enabled.values_list("channel", "provider"):
        if (channel, provider) in TRANSPORTS:
            found.setdefault(channel, provider)
    return list(found.items())


def _claim_and_send(transport: Transport, now_fn: Callable[[], datetime], limit: int) -> int:
    held = rows.claim(transport.channel, limit, lease_of(transport))
    if not held:
        return 0
    parcels = load(held)
    stopped = stop_what_may_not_go(now=now_fn(), messages={parcel.message.pk: parcel.message for parcel in parcels}.values())
    rows.give_back([parcel.held for parcel in parcels if parcel.message.pk in stopped])
    parcels = [parcel for parcel in parcels if parcel.message.pk not in stopped]
    rows.suppress({parcel.held: parcel.forbidden for parcel in parcels if parcel.forbidden})
    to_send = [parcel for parcel in parcels if not parcel.forbidden]
    if to_send:
        _send_all(transport, to_send, now_fn)
    settle(now=now_fn(), message_ids={parcel.message.pk for parcel in parcels})
    return len(held)


def deliver_for(seconds: float, *, now_fn: Callable[[], datetime] = utc_now) -> int:
    """Sends what is due until nothing is left or the time is up; returns how many were claimed."""
    until, done = time.monotonic() + seconds, 0
    while claimed := claim_and_send(now_fn=now_fn):
        done += claimed
        if time.monotonic() > until:
            break
    return done


def _send_all(transport: Transport, parcels: Sequence[Parcel], now_fn: Callable[[], datetime]) -> None:
    """Window by window until all are sent, the channel fails, or half the lease is over; the rest goes back untouched."""
    begun, waiting = time.monotonic(), iter(parcels)
    while window := list(islice(waiting, transport.window)):
        try:
            if time.monotonic() - begun > lease_of(transport).total_seconds() / 2:
                break
            transport.ready()
        except ChannelDown as down:
            logger.warning("%s rests: %s", transport.channel, down)
            rows.pause(transport.channel, str(down))
            break
        if not _send_window(transport, window, now_fn):
            break
    rows.give_back([parcel.held for parcel in (*window, *waiting)])


def _send_window(transport: Transport, window: Sequence[Parcel], now_fn: Callable[[], datetime]) -> bool:
    """Opens the attempts, sends, records. Returns whether the channel may be used further."""
    opened = rows.open_attempts([parcel.held for parcel in window], lease_of(transport), transport.provider)
    until = time.monotonic() + lease_of(transport).total_seconds() - 2 * transport.request_timeout
    ours = [parcel for parcel in window if parcel.held.id in opened]
    answers: list[Answer] = []
    refused = ""
    try:
        answering = transport.send([parcel.letter for parcel in ours])
        while len(answers) < len(ours) and (transport.at_once or (time.monotonic() < until and not refused)):
            answer = next(answering)
            answers.append(answer)
            if answer.outcome in _STOPS:
                refused = f"the provider refuses us ({answer.code} {answer.detail})"[:200]
        answers.extend(Answer(Outcome.NOT_SENT) for _ in range(len(ours) - len(answers)))
    finally:
        fused = nobody_can_be_reached([answer.outcome for answer in answers])
        results = [_result(parcel, opened, answer, fused, transport) for parcel, answer in zip(ours, answers, strict=False)]
        _record(list(zip(ours, results, strict=False)), now_fn())
    if fused:
        refused = f"the mail server says of {len(answers)} addresses in a row that none exists"
    if refused:
        logger.error("%s rests: %s", transport.channel, refused)
        rows.pause(transport.channel, refused)
    elif any(answer.outcome is Outcome.ACCEPTED for answer in answers):
        rows.resume(transport.channel)
    return not refused


def _result(parcel: Parcel, opened: dict[int, int], answer: Answer, fused: bool, transport: Transport) -> rows.Result:
    """What is written down of one answer. `fused`: the bounces of this window are held against us, and each is tried again later."""
    outcome = Outcome.TRANSIENT if fused else answer.outcome
    following = after(
        outcome,
        tries=parcel.tries,
        ambiguous=parcel.ambiguous,
        chance=_chance,
        ambiguous_retries=transport.ambiguous_retries,
        waits=transport.waits,
        asked=timedelta(seconds=answer.retry_after or 0),
    )
    told = Outcome.CONFIGURATION if fused else outcome
    attempt = opened[parcel.held.id]
    return rows.Result(parcel.held, attempt, told, answer.code, answer.detail, following, answer.provider_id)


def _record(results: Sequence[tuple[Parcel, rows.Result]], now: datetime) -> None:
    """One commit for the whole window; an address that does not work is suppressed with it."""
    with unit_of_work(actor=ACTOR.ref, now=now):
        ours = rows.close_attempts([result for _, result in results])
        if len(ours) < len(results):
            logger.warning("%d attempts ended after their lease: counted as ambiguous", len(results) - len(ours))
        for parcel, result in results:
            if result.outcome is Outcome.BAD_ADDRESS and parcel.contact_point is not None and parcel.held.id in ours:
                _suppress(parcel.contact_point, result, now)


def _suppress(contact_point: int, result: rows.Result, now: datetime) -> None:
    address = ContactPoint.objects.get(pk=contact_point)
    suppress_contact_point(actor=ACTOR, now=now, contact_point=address, reason=f"bounced: {result.code}", kind=SuppressionKind.BOUNCE)
