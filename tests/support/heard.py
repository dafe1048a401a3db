"""Listening to events beside everything wired."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from core import events
from statuscomms import wiring

Event = TypeVar("Event")


@contextmanager
def heard(event_type: type[Event]) -> Iterator[list[Event]]:
    """The events of this type published within the block, in order."""
    found: list[Event] = []
    events.register(event_type, in_transaction=[found.append])
    try:
        yield found
    finally:
        wiring.connect()


@contextmanager
def failing(event_type: type[Event], *, where: Callable[[Event], bool]) -> Iterator[None]:
    """Within the block something that nobody thought of goes wrong with these events of the type."""

    def handler(event: Event) -> None:
        if where(event):
            raise RuntimeError("something nobody thought of")

    events.register(event_type, in_transaction=[handler])
    try:
        yield
    finally:
        wiring.connect()
