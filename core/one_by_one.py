"""Working rows off so that what is wrong with one keeps no other from its time."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

Key = TypeVar("Key")
logger = logging.getLogger(__name__)


def one_by_one(keys: Iterable[Key], act: Callable[[Key], int], *, what: str) -> int:
    """Calls `act` for each key and adds up its answers. A failure is logged as *`what` KEY failed* and the others go on.

    `act` opens a transaction of its own: what it had begun is undone with it, and its row is found again by the next tick.
    """
    done = 0
    for key in keys:
        try:
            done += act(key)
        except Exception:  # whatever it is, the other rows are due too
            logger.exception("%s %s failed and is tried again", what, key)
    return done
