"""The words of taking a list into the register."""

from enum import StrEnum


class ImportState(StrEnum):
    """Where a list stands."""

    UPLOADED = "uploaded"
    """Read; its columns wait to be named."""
    CHECKING = "checking"
    CHECKED = "checked"
    """The dry run is done; nothing has changed yet."""
    APPLYING = "applying"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"
    DROPPED = "dropped"
    """Given up before it was applied."""


# What the tick works off.
WORKED_OFF = frozenset({ImportState.CHECKING, ImportState.APPLYING, ImportState.UNDOING})


class RowAction(StrEnum):
    """What a row does to the register."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    MERGED = "merged"
    """The same entry as an earlier row of the file, and taken together with it."""
    ERROR = "error"
