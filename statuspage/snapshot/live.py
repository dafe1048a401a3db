"""Which version is live, and putting another one live."""

import re
import uuid
from pathlib import Path
from typing import NamedTuple

from statuspage.snapshot.disk import flush_folder

POINTER = "current"
_POINTS_TO = re.compile(r"v/([0-9]{1,18})")


class Live(NamedTuple):
    """The live version of a target."""

    seq: int
    path: Path


def current(target: Path) -> Live | None:
    """The live version of `target`: its sequence number and folder. None where nothing has been published yet."""
    try:
        pointed = str((target / POINTER).readlink())
    except OSError:
        return None
    match = _POINTS_TO.fullmatch(pointed)
    return Live(int(match[1]), target / pointed) if match else None


def sweep_pointers(target: Path) -> None:
    """Remove pointers that were made and never renamed. Only the holder of the target's lock makes one: call under it."""
    for pointer in target.glob(f".{POINTER}-*"):
        pointer.unlink(missing_ok=True)


def point_at(target: Path, seq: int) -> None:
    """Make version `seq` live in one rename: an open of ``current/...`` finds the old file or the new one."""
    fresh = target / f".{POINTER}-{uuid.uuid4().hex}"
    # Relative, so that the folder may be mounted elsewhere in the web server's container.
    fresh.symlink_to(f"v/{seq}")
    fresh.replace(target / POINTER)
    flush_folder(target)
