"""The one place that reads the wall clock. Everything below views, tasks and commands takes `now` as an argument."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)
