"""The words of taking a list into the register."""

from datetime import timedelta
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
    """A chunk failed again and again: a person has it go on, or takes back what it did."""
    DROPPED = "dropped"
    """Given up before it was applied."""


# What the tick works off.
WORKED_OFF = frozenset({ImportState.CHECKING, ImportState.APPLYING, ImportState.UNDOING})


# Tries of one chunk before the import fails, and how long it rests after the first; twice as long after each further one.
TRIES = 5
FIRST_REST = timedelta(seconds=5)


def rest_after(failures: int) -> timedelta:
    """How long a chunk rests that failed so many times in a row: 5, 10, 20, 40 s."""
    return FIRST_REST * (1 << (failures - 1))


def told_of(doing: str, *, first: int, last: int, why: str, failures: int) -> str:
    """What the import's page says of a chunk that failed."""
    what = {ImportState.CHECKING: "compared", ImportState.APPLYING: "written", ImportState.UNDOING: "taken back"}[ImportState(doing)]
    lines = f"Lines {first} to {last}" if first else "The end of the list"
    tried = f"Tried {failures} times" if failures > 1 else "Tried once"
    goes_on = "it is not tried again by itself" if failures >= TRIES else "it is tried again by itself"
    return f"{lines} could not be {what}: {why}. {tried}; {goes_on}. Nothing of these lines was done."


class RowAction(StrEnum):
    """What a row does to the register."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    MERGED = "merged"
    """The same entry as an earlier row of the file, and taken together with it."""
    ERROR = "error"
