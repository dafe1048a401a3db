"""The one table that says which event calls which handlers: in the publisher's transaction, or after its commit."""

from core import events


def connect() -> None:
    """Registers every handler, from a clean slate."""
    events.clear()
