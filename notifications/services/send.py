"""Claiming what is due and sending it: small windows, each opened in one commit and closed in another.

Killed at any moment, a worker leaves at most one window of attempts whose end nobody knows.
"""

import logging
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings

from accounts.actors import system
from audit.services import unit_of_work
from core.clock import utc_now
from notifications.rules.retry import after
from notifications.rules.smtp_replies import nobody_can_be_reached
from notifications.rules.states import MessageKind, Outcome
from notifications.services import rows
from notifications.services.load import Parcel, load
from notifications.services.settle import settle
from notifications.services.stopping import stop_what_may_not_go
from notifications.transports.mail import compose, sender_address
from notifications.transports.smtp import Answer, ChannelDown, SmtpLine, current_line
from stakeholders.models import ContactPoint
from stakeholders.rules.kinds import SuppressionKind
from stakeholders.services.stop_writing import suppress_contact_point

CHANNEL = "email"
CLAIM = 100
WINDOW = 10
ACTOR = system("delivery")
_chance = random.SystemRandom().random
logger = logging.getLogger(__name__)


def lease() -> timedelta:
    """Three times what one request may take: enough to find that the time is up and give the rest back."""
    return timedelta(seconds=max(6, 3 * settings.EMAIL_TIMEOUT))


def claim_and_send(*, now_fn: Callable[[], datetime] = utc_now, limit: int = CLAIM) -> int:
    """Sends up to `limit` due deliveries; returns how many were claimed, 0 when there is nothing to do for now."""
    held = rows.claim(CHANNEL, limit, lease())
    if not held:
        return 0
    parcels = load(held)
    stopped = stop_what_may_not_go(now=now_fn(), messages={parcel.message.pk: parcel.message for parcel in parcels}.values())
    rows.give_back([parcel.held for parcel in parcels if parcel.message.pk in stopped])
    parcels = [parcel for parcel in parcels if parcel.message.pk not in stopped]
    rows.suppress({parcel.held: parcel.forbidden for parcel in parcels if parcel.forbidden})
    to_send = [parcel for parcel in parcels if not parcel.forbidden]
    if to_send:
        _send_all(to_send, now_fn)
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


def _send_all(parcels: Sequence[Parcel], now_fn: Callable[[], datetime]) -> None:
    """Window by window until all are sent, the line fails, or half the lease is over; the rest goes back untouched."""
    line, begun = current_line(), time.monotonic()
    waiting = iter(parcels)
    while window := list(islice(waiting, WINDOW)):
        try:
            if time.monotonic() - begun > lease().total_seconds() / 2:
                break
            line.ready()
        except ChannelDown as down:
            logger.warning("E-mail rests: %s", down)
            rows.pause(CHANNEL, str(down))
            break
        if not _send_window(line, window, now_fn):
            break
    rows.give_back([parcel.held for parcel in (*window, *waiting)])


def _send_window(line: SmtpLine, window: Sequence[Parcel], now_fn: Callable[[], datetime]) -> bool:
    """Opens the attempts, sends, records. Returns whether the channel may be used further."""
    opened = rows.open_attempts([parcel.held for parcel in window], lease())
    until = time.monotonic() + lease().total_seconds()
    answers: list[tuple[Parcel, int, Answer]] = []
    refused = ""
    try:
        for parcel in window:
            attempt = opened.get(parcel.held.id)
            if attempt is None:
                continue
            in_time = until - time.monotonic() > 2 * settings.EMAIL_TIMEOUT
            answer = _send_one(line, parcel, now_fn()) if in_time and not refused else Answer(Outcome.NOT_SENT)
            if answer.outcome is Outcome.CONFIGURATION:
                refused = f"the mail server refuses us ({answer.code} {answer.detail})"[:200]
            answers.append((parcel, attempt, answer))
    finally:
        fused = nobody_can_be_reached([answer.outcome for _, _, answer in answers])
        _record([(parcel, _result(parcel, attempt, answer, fused=fused)) for parcel, attempt, answer in answers], now_fn())
    if fused:
        refused = f"the mail server says of {len(answers)} addresses in a row that none exists"
    if refused:
        logger.error("E-mail rests: %s", refused)
        rows.pause(CHANNEL, refused)
    elif any(answer.outcome is Outcome.ACCEPTED for _, _, answer in answers):
        rows.resume(CHANNEL)
    return not refused


def _send_one(line: SmtpLine, parcel: Parcel, at: datetime) -> Answer:
    unsubscribe = None
    if parcel.message.kind == MessageKind.RELEASE and parcel.contact_point is not None and parcel.audience is not None:
        unsubscribe = (parcel.contact_point, parcel.audience)
    try:
        data = compose(
            parcel.message,
            audience=parcel.audience_key,
            audience_name=parcel.audience_name,
            zone=parcel.zone,
            to=parcel.address,
            key=str(parcel.key),
            unsubscribe=unsubscribe,
            at=at,
        )
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one letter, the window's others go on
        # One letter that cannot be written, for instance for a title that cannot stand in a header: the others go on.
        # Only the error's type is told, for its words may hold the address.
        logger.error("The letter of delivery %s cannot be written: %s", parcel.key, type(error).__name__)  # noqa: TRY400 - see above
        return Answer(Outcome.REFUSED, detail=f"the letter could not be written ({type(error).__name__})")
    try:
        return line.send(sender=sender_address(), recipient=parcel.address, data=data)
    except Exception as error:  # noqa: BLE001 - the outcomes of the window's others must be recorded
        # Where in the exchange it happened is not known, so whether the letter was handed over is not either.
        logger.error("Sending delivery %s failed: %s", parcel.key, type(error).__name__)  # noqa: TRY400 - its words may hold the address
        line.close()
        return Answer(Outcome.AMBIGUOUS, detail=type(error).__name__)


def _result(parcel: Parcel, attempt: int, answer: Answer, *, fused: bool) -> rows.Result:
    """What is written down of one answer. `fused`: the bounces of this window are held against us, and each is tried again later."""
    outcome = Outcome.TRANSIENT if fused else answer.outcome
    following = after(outcome, tries=parcel.tries, ambiguous=parcel.ambiguous, chance=_chance)
    return rows.Result(parcel.held, attempt, Outcome.CONFIGURATION if fused else outcome, answer.code, answer.detail, following)


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
