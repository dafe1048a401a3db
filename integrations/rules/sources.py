"""The outside tools we listen to."""

from enum import StrEnum


class Source(StrEnum):
    """A tool with an inbound hook at `/hooks/NAME/`."""

    ALERTMANAGER = "alertmanager"
