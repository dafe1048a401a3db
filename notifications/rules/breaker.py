"""Whether a provider is used, and how much of its rate is kept for the first lane."""

import math
from enum import StrEnum

# A bucket holds at least what flows in so long: tokens are taken in blocks, a commit each.
BLOCK_SECONDS = 0.25
# This share of a bucket, and at least one message, is for the first lane alone.
KEPT_FOR_FIRST = 0.1


class Breaker(StrEnum):
    """Closed lets through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


def kept_for_first(rate: float, burst: int) -> float:
    """So many tokens only the first lane may take."""
    return max(1.0, math.floor(KEPT_FOR_FIRST * max(burst, rate * BLOCK_SECONDS)))


def holds(rate: float, burst: int) -> float:
    """So many tokens are there after a rest, the first lane's included."""
    return max(float(burst), rate * BLOCK_SECONDS) + kept_for_first(rate, burst)
