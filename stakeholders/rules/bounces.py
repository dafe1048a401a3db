"""When addresses that fail for a while count as broken."""

from datetime import datetime, timedelta

SOFT_LIMIT = 5
# A server that is down over a weekend makes nobody's address a broken one.
FAILS_FOR = timedelta(days=3)


def is_broken(*, soft_bounces: int, bad_since: datetime, now: datetime) -> bool:
    """Whether so many soft bounces in a row, since `bad_since`, mean that the address does not work."""
    return soft_bounces >= SOFT_LIMIT and now - bad_since >= FAILS_FOR
