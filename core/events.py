"""Event dispatch. A lower app publishes a frozen dataclass; `statuscomms.wiring` says who hears it and when."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial, update_wrapper
from typing import Any

from django.db import transaction

Handler = Callable[[Any], None]

_in_transaction: dict[type, list[Handler]] = defaultdict(list)
_after_commit: dict[type, list[Handler]] = defaultdict(list)


def register(event_type: type, *, in_transaction: Iterable[Handler] = (), after_commit: Iterable[Handler] = ()) -> None:
    """Adds handlers for `event_type`: in the publisher's transaction, or after its commit."""
    _in_transaction[event_type].extend(in_transaction)
    _after_commit[event_type].extend(after_commit)


def clear() -> None:
    """Forgets every handler; `wiring.connect` starts from here so that connecting twice is harmless."""
    _in_transaction.clear()
    _after_commit.clear()


def publish(event: object) -> None:
    """Calls the handlers of the event's type.

    Handlers in the transaction may fail it. A handler after commit cannot: its failure is logged by Django
    (`on_commit(robust=True)`), because what was committed stays true.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"{type(event).__name__} was published outside a unit of work.")
    for handler in _in_transaction[type(event)]:
        handler(event)
    for handler in _after_commit[type(event)]:
        # Django names the callable when it logs the failure, and a bare partial has no name.
        transaction.on_commit(update_wrapper(partial(handler, event), handler), robust=True)
