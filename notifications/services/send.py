"""Claiming runs that are due and sending them, window by window: each is opened in one commit and closed in another.

Killed at any moment, a worker leaves at most one window of attempts whose end nobody knows. Each channel has its own claim.
"""

from __future__ import annotations

import gc
import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.db.models.functions import Lower

from accounts.actors import system
from audit.services import unit_of_work
from core.database_clock import database_now
from notifications.models import Message
from notifications.rules.retry import after
from notifications.rules.smtp_replies import TOO_MANY_IN_A_ROW, held_against_us
from notifications.rules.states import Lane, Outcome
from notifications.services import rows
from notifications.services.endpoints import note_answers
from notifications.services.guard import may_send
from notifications.services.providers import Serving, rest, return_tokens, serving, take_probe, take_tokens, throttle, works
from notifications.services.settle import settle
from notifications.services.stopping import stop_what_may_not_go
from notifications.services.window import Messages, Parcel, open_window
from notifications.transports.contract import Answer, ChannelDown, Transport
from notifications.transports.registry import transport_for
from stakeholders.models import ContactPoint
from stakeholders.rules.kinds import WEB, SuppressionKind
from stakeholders.services.stop_writing import suppress_contact_point

CLAIM = 1000
CLAIM_WINDOWS = 5
"""So many deliveries are claimed at once, or so many windows where those are large: what is asked once for a claim costs as much as a
whole window."""
LONGEST_NAP = 0.25
SHORTEST_REST = 1.0
ACTOR = system("delivery")
EVERY_LANE = tuple(int(lane) for lane in Lane)
_STOPS = frozenset({Outcome.CONFIGURATION, Outcome.THROTTLED})
_chance = random.SystemRandom().random
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """A window as it was sent: an answer for each parcel.

    `against`: so many of the last answers given are held against us, and their letters tried again later. `refused`: why the channel
    rests now; empty when it may go on. `throttled_for`: seconds the provider wants to be left alone, while nothing is wrong with it.
    """

    parcels: Sequence[Parcel] = ()
    answers: Sequence[Answer] = ()
    given: int = 0
    against: int = 0
    refused: str = ""
    retry_after: float | None = None
    throttled_for: float | None = None

    @classmethod
    def of(cls, parcels: Sequence[Parcel], answers: list[Answer]) -> Sent:
        """Those without an answer were not sent."""
        given = len(answers)
        against = held_against_us([answer.outcome for answer in answers])
        stop = next((answer for answer in answers if answer.outcome in _STOPS), None)
        refused = f"the provider says of {against} addresses in a row that none exists" if against else ""
        if stop is not None:
            refused = f"the provider refuses us ({stop.code} {stop.detail})"
        throttled = max(stop.retry_after or 0, SHORTEST_REST) if stop is not None and stop.outcome is Outcome.THROTTLED else None
        unsent = [Answer(Outcome.NOT_SENT)] * (len(parcels) - given)
        return cls(parcels, [*answers, *unsent], given, against, refused, stop.retry_after if stop is not None else None, throttled)

    @property
    def any_accepted(self) -> bool:
        return any(answer.outcome is Outcome.ACCEPTED for answer in self.answers)


def lease_of(transport: Transport) -> timedelta:
    """Three times what one request may take: enough to find that the time is up and give the rest back."""
    return timedelta(seconds=max(6, 3 * transport.request_timeout))


@cache
def _leave_what_stays() -> None:
    """Once a process: what is loaded stays for its life. To look through it for garbage took a quarter of a worker's time."""
    gc.freeze()


def claim_and_send(*, now_fn: Callable[[], datetime] = database_now, limit: int | None = None, lanes: tuple[int, ...] = EVERY_LANE) -> int:
    """Sends up to `limit` due deliveries of each channel, or a claim; returns how many were taken, 0 when there is nothing to do for now.

    Where runs were claimed and nothing of them could be taken, it is 1.
    """
    return _serve_all(now_fn, limit, lanes)[0]


def deliver_for(seconds: float, *, now_fn: Callable[[], datetime] = database_now, lanes: tuple[int, ...] = EVERY_LANE) -> int:
    """Sends what is due until nothing is left or the time is up, waiting for tokens meanwhile; returns how many were taken."""
    until, done = time.monotonic() + seconds, 0
    while True:
        taken, wait = _serve_all(now_fn, None, lanes)
        done += taken
        left = until - time.monotonic()
        if left <= 0 or (not taken and (not wait or wait > left)):
            return done
        if not taken:
            time.sleep(min(wait, LONGEST_NAP))


def _serve_all(now_fn: Callable[[], datetime], limit: int | None, lanes: tuple[int, ...]) -> tuple[int, float]:
    """How many were taken, and after how many seconds a provider takes more where one is held back by its rate."""
    taken, waits = 0, []
    _leave_what_stays()
    if not may_send(now_fn):
        return 0, 0.0
    for serving_ in serving():
        transport = transport_for(serving_.channel, serving_.provider)
        done, wait = _serve(serving_, transport, now_fn, limit or max(CLAIM, CLAIM_WINDOWS * transport.window), lanes)
        taken += done
        waits += [wait] if wait else []
    return taken, min(waits, default=0.0)


def _serve(by: Serving, transport: Transport, now_fn: Callable[[], datetime], limit: int, lanes: tuple[int, ...]) -> tuple[int, float]:
    wanted = 1 if by.probe else limit
    if (by.rate is not None or by.blocked_for) and not rows.waits_in(lanes, [by.channel]):
        return 0, 0.0
    given, wait = take_tokens(by, wanted, lanes)
    runs = rows.claim(transport.channel, lanes, given, lease_of(transport)) if given else []
    if not runs or (by.probe and not take_probe(by.channel, by.provider)):
        rows.let_go(runs)
        return_tokens(by, given)
        return 0, wait
    messages = Message.objects.in_bulk({run.message for run in runs})
    stopped = stop_what_may_not_go(now=now_fn(), messages=messages.values())
    going = [run for run in runs if run.message not in stopped]
    taken = _send_all(transport, going, Messages(messages), now_fn, given, lanes=lanes) if going else 0
    # After an error these runs stay leased: when the lease is over, the sweep finds out what was being sent.
    rows.let_go(runs)
    return_tokens(by, given - taken)
    settle(now=now_fn(), message_ids=messages.keys())
    return max(taken, 1), wait


def _send_all(
    transport: Transport,
    runs: Sequence[rows.Run],
    messages: Messages,
    now_fn: Callable[[], datetime],
    limit: int,
    *,
    lanes: tuple[int, ...],
) -> int:
    """Window by window until nothing is left, the limit is reached, the channel fails, or the first lane waits for this worker.

    What a window came to is written down in the same commit that opens the next one. Returns how many deliveries were taken.
    """
    taken, sent, first = 0, Sent(), True
    while True:
        goes_on = first or not (any(run.lane != Lane.FIRST for run in runs) and rows.waits_in([Lane.FIRST], [transport.channel]))
        size = min(transport.window, limit - taken) if goes_on and not sent.refused and _is_ready(transport) else 0
        until = time.monotonic() + lease_of(transport).total_seconds() - 2 * transport.request_timeout
        parcels, opened = _turn(transport, sent, runs=runs, messages=messages, size=size, now=now_fn())
        taken, first = taken + opened, False
        if not opened:
            return taken
        sent = _send_window(transport, parcels, until, now_fn)


def _is_ready(transport: Transport) -> bool:
    try:
        transport.ready()
    except ChannelDown as down:
        logger.warning("%s rests: %s", transport.channel, down)
        rest(transport.channel, transport.provider, str(down), down.retry_after)
        return False
    return True


def _turn(
    transport: Transport, sent: Sent, *, runs: Sequence[rows.Run], messages: Messages, size: int, now: datetime
) -> tuple[list[Parcel], int]:
    """One commit: the window that was sent is recorded, and the next one, of `size`, opened; 0: none."""
    parcels: list[Parcel] = []
    opened = 0
    try:
        with unit_of_work(actor=ACTOR.ref, now=now):
            _record(transport, sent, now)
            if size:
                parcels, opened = open_window(
                    runs, messages, limit=size, lease=lease_of(transport), provider=transport.provider, shared=transport.carries_many
                )
    except Exception:
        # Whatever was wrong, most likely with opening: what was sent is known, and must not become doubtful by it.
        with unit_of_work(actor=ACTOR.ref, now=now):
            _record(transport, sent, now)
        raise
    if sent.throttled_for is not None:
        logger.warning("%s is asked to slow down for %.1f s", transport.channel, sent.throttled_for)
        throttle(transport.channel, transport.provider, sent.throttled_for)
    elif sent.refused:
        logger.error("%s rests: %s", transport.channel, sent.refused)
        rest(transport.channel, transport.provider, sent.refused, sent.retry_after)
    elif sent.any_accepted:
        works(transport.channel, transport.provider)
    return parcels, opened


def _send_window(transport: Transport, parcels: Sequence[Parcel], until: float, now_fn: Callable[[], datetime]) -> Sent:
    """Asks for one answer after the other, until the time is up or the provider will have no more.

    A worker that was stopped for longer than its lease wakes up with letters that may be another's, or nobody's any more.
    """
    if time.monotonic() > until:
        return Sent.of(parcels, [])
    answers: list[Answer] = []
    answering = transport.send([parcel.letter for parcel in parcels], until)
    in_a_row = 0
    try:
        for answer in answering:
            answers.append(answer)
            in_a_row = in_a_row + 1 if answer.outcome is Outcome.BAD_ADDRESS else 0
            # What travels together is answered together, whatever the first ones say.
            over = answer.outcome in _STOPS or in_a_row >= TOO_MANY_IN_A_ROW or time.monotonic() > until
            if over and not transport.at_once:
                break
        # Nothing more is sent from here on: what the transport has not answered, it has not sent.
        close = getattr(answering, "close", None)
        if close is not None:
            close()
    except BaseException:
        # The worker is being ended, or the transport is broken: of the one under way nobody knows, those after it were not begun.
        answers.append(Answer(Outcome.AMBIGUOUS, detail="the worker was ended while it was sent"))
        with unit_of_work(actor=ACTOR.ref, now=now_fn()):
            _record(transport, Sent.of(parcels, answers[: len(parcels)]), now_fn())
        raise
    return Sent.of(parcels, answers)


def _record(transport: Transport, sent: Sent, now: datetime) -> None:
    """Within the caller's unit of work; an address that does not work is suppressed with it."""
    groups: dict[tuple[object, ...], tuple[rows.Verdict, list[rows.Held]]] = {}
    bad: list[tuple[rows.Held, int, Answer]] = []
    from_, upto = sent.given - sent.against, sent.given
    for place, (parcel, answer) in enumerate(zip(sent.parcels, sent.answers, strict=True)):
        held, fused = parcel.held, from_ <= place < upto
        kind = (answer, held.tries, held.ambiguous, held.message, fused, held.attempt if held.shared else 0)
        group = groups.get(kind)
        if group is None:
            group = groups[kind] = (_verdict(transport, held, answer, fused), [])
        group[1].append(held)
        if answer.outcome is Outcome.BAD_ADDRESS and parcel.contact_point is not None and not fused:
            bad.append((held, parcel.contact_point, answer))
    ours = rows.close_attempts(list(groups.values()))
    if len(ours) < len(sent.parcels):
        logger.warning("%d attempts ended after their lease: counted as ambiguous", len(sent.parcels) - len(ours))
    _suppress({contact_point: answer for held, contact_point, answer in bad if held.id in ours}, now)
    if transport.channel in WEB:
        told = [(one.contact_point, answer) for one, answer in zip(sent.parcels, sent.answers, strict=True) if one.held.id in ours]
        note_answers(actor=ACTOR, now=now, answers=[(point, answer) for point, answer in told if point is not None])


def _verdict(transport: Transport, held: rows.Held, answer: Answer, fused: bool) -> rows.Verdict:
    outcome = Outcome.TRANSIENT if fused else answer.outcome
    following = after(
        outcome,
        tries=held.tries,
        ambiguous=held.ambiguous,
        chance=_chance,
        ambiguous_retries=transport.ambiguous_retries,
        waits=transport.waits,
        asked=timedelta(seconds=answer.retry_after or 0),
    )
    told = Outcome.CONFIGURATION if fused else outcome
    return rows.Verdict(told, answer.code, answer.detail, answer.provider_id, following)


def _suppress(answers: Mapping[int, Answer], now: datetime) -> None:
    """In the order of the addresses, as everybody locks them."""
    if not answers:
        return
    for address in ContactPoint.objects.filter(pk__in=answers).order_by("kind", Lower("address")):
        answer = answers[address.pk]
        # Its reader has told the provider; nobody but the reader takes that back.
        stop, bounce = (SuppressionKind.STOP, "its reader sent STOP"), (SuppressionKind.BOUNCE, f"bounced: {answer.code}")
        kind, reason = stop if answer.opted_out else bounce
        suppress_contact_point(actor=ACTOR, now=now, contact_point=address, reason=reason, kind=kind)
