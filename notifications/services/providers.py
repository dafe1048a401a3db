"""Which provider serves a channel, and how many messages it may be given: breaker, single probe and token bucket, all in rows."""

from dataclasses import dataclass

from django.db import connection

from notifications.models import ChannelProvider
from notifications.rules.breaker import Breaker, holds, kept_for_first
from notifications.rules.states import Lane
from notifications.transports.registry import TRANSPORTS

# A probe that is never answered, because its worker died, is over after this.
PROBE_SECONDS = 60

_STANDING = """
SELECT channel, provider, breaker, until <= clock_timestamp(), coalesce(extract(epoch FROM blocked_until - clock_timestamp()), 0)
FROM notifications_providerstate
"""
_PROBE = """
UPDATE notifications_providerstate SET breaker = 'half_open', until = clock_timestamp() + make_interval(secs => %s)
WHERE channel = %s AND provider = %s AND breaker <> 'closed' AND until <= clock_timestamp()
"""
_OPEN = """
INSERT INTO notifications_providerstate AS p (channel, provider, breaker, until, reason, failures, tokens)
VALUES (%(channel)s, %(provider)s, 'open', clock_timestamp() + make_interval(secs => coalesce(%(after)s, 1)), %(reason)s, 1, 0)
ON CONFLICT (channel, provider) DO UPDATE SET breaker = 'open', reason = EXCLUDED.reason, failures = p.failures + 1,
    until = clock_timestamp() + greatest(make_interval(secs => coalesce(%(after)s, 0)),
        least(interval '60 seconds', interval '1 second' * power(2, least(p.failures, 10))) * (0.5 + random() / 2))
WHERE p.breaker <> 'open' OR p.until <= clock_timestamp()
"""
_CLOSE = """
UPDATE notifications_providerstate SET breaker = 'closed', until = NULL, reason = '', failures = 0
WHERE channel = %s AND provider = %s AND breaker <> 'closed'
"""
_BLOCK = """
INSERT INTO notifications_providerstate AS p (channel, provider, breaker, reason, failures, tokens, blocked_until)
VALUES (%s, %s, 'closed', '', 0, 0, clock_timestamp() + make_interval(secs => %s))
ON CONFLICT (channel, provider) DO UPDATE SET blocked_until = greatest(p.blocked_until, EXCLUDED.blocked_until)
"""
_TAKE = """
INSERT INTO notifications_providerstate (channel, provider, breaker, reason, failures, tokens, refilled_at)
VALUES (%(channel)s, %(provider)s, 'closed', '', 0, %(most)s, clock_timestamp()) ON CONFLICT (channel, provider) DO NOTHING;
WITH had AS (
    SELECT id, least(%(most)s, CASE WHEN refilled_at IS NULL THEN %(most)s
        ELSE tokens + %(rate)s * greatest(0, extract(epoch FROM clock_timestamp() - refilled_at)) END)::float AS tokens
    FROM notifications_providerstate WHERE channel = %(channel)s AND provider = %(provider)s FOR UPDATE
), given AS (
    SELECT id, tokens, floor(greatest(0, least(%(want)s, tokens - %(kept)s))) AS n FROM had
)
UPDATE notifications_providerstate p SET tokens = given.tokens - given.n, refilled_at = clock_timestamp()
FROM given WHERE p.id = given.id RETURNING given.n::int, greatest(0, 1 + %(kept)s - (given.tokens - given.n)) / %(rate)s
"""
_RETURN = """
UPDATE notifications_providerstate SET tokens = tokens + %s WHERE channel = %s AND provider = %s
"""


@dataclass(frozen=True, slots=True)
class Serving:
    """The provider that is to be asked. `probe`: it was resting, and is to be tried with a single message first."""

    channel: str
    provider: str
    rate: float | None
    burst: int
    probe: bool = False
    blocked_for: float = 0.0


def serving() -> list[Serving]:
    """For each channel the first enabled provider, by position, that works or may be tried again; none where all rest."""
    found: dict[str, Serving] = {}
    enabled = ChannelProvider.objects.filter(enabled=True).order_by("channel", "position")
    standing = _standing()
    for row in enabled:
        name = (row.channel, row.provider)
        if row.channel in found or name not in TRANSPORTS:
            continue
        breaker, may_try, blocked_for = standing.get(name, (Breaker.CLOSED, True, 0.0))
        if breaker is not Breaker.CLOSED and not may_try:
            continue
        found[row.channel] = Serving(*name, row.rate_per_second, row.burst, breaker is not Breaker.CLOSED, blocked_for)
    return list(found.values())


def _standing() -> dict[tuple[str, str], tuple[Breaker, bool, float]]:
    """By provider: its breaker, whether it may be tried again, and the seconds for which nothing is given to it."""
    with connection.cursor() as cursor:
        cursor.execute(_STANDING)
        return {
            (channel, provider): (Breaker(breaker), bool(may_try), float(blocked))
            for channel, provider, breaker, may_try, blocked in cursor.fetchall()
        }


def take_probe(channel: str, provider: str) -> bool:
    """Whether this worker is the one that tries a resting provider: one at a time does."""
    with connection.cursor() as cursor:
        cursor.execute(_PROBE, [PROBE_SECONDS, channel, provider])
        return int(cursor.rowcount) == 1


def rest(channel: str, provider: str, reason: str, retry_after: float | None = None) -> None:
    """Opens the breaker: 1 s, doubling to 60 s with each failure in a row, or as long as it asks; already open, nothing changes."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"channel": channel, "provider": provider, "after": retry_after, "reason": reason[:200]})


def works(channel: str, provider: str) -> None:
    """Closes the breaker."""
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, [channel, provider])


def throttle(channel: str, provider: str, seconds: float) -> None:
    """Nothing is given to the provider for so long; its breaker stays as it is, so no other takes its place."""
    with connection.cursor() as cursor:
        cursor.execute(_BLOCK, [channel, provider, seconds])


def take_tokens(of: Serving, want: int, lanes: tuple[int, ...]) -> tuple[int, float]:
    """(how many may be sent, seconds until one more may). Lanes after the first leave a part of the bucket to the first."""
    if of.blocked_for > 0:
        return 0, of.blocked_for
    if of.rate is None:
        return want, 0.0
    kept = 0.0 if lanes == (int(Lane.FIRST),) else kept_for_first(of.rate, of.burst)
    named: dict[str, str | float] = {
        "channel": of.channel,
        "provider": of.provider,
        "rate": of.rate,
        "most": holds(of.rate, of.burst),
        "want": want,
        "kept": kept,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, named)
        given, wait = cursor.fetchone()
        return int(given), float(wait)


def return_tokens(of: Serving, tokens: int) -> None:
    """Gives back what was taken and not used."""
    if of.rate is not None and tokens > 0:
        with connection.cursor() as cursor:
            cursor.execute(_RETURN, [tokens, of.channel, of.provider])
