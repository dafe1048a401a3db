"""The target's lock: one writer at a time decides what is live."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from statuspage.snapshot.errors import SnapshotBusy

_POLL_SECONDS = 0.01


@contextmanager
def target_lock(target: Path, *, timeout: float) -> Iterator[None]:
    """Hold the advisory lock (flock) of `target`; raise SnapshotBusy after `timeout` seconds of waiting.

    The kernel drops the lock when its holder dies, so a crashed writer never blocks the next one.
    """
    descriptor = os.open(target / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        deadline = time.monotonic() + timeout
        while not _try_lock(descriptor):
            if time.monotonic() >= deadline:
                raise SnapshotBusy(f"another writer has held {target}/.lock for {timeout:g} s; try again")
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


def lock_folder(folder: Path) -> int | None:
    """Mark `folder` as in use until the returned descriptor is closed; None if somebody else has marked it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    if _try_lock(descriptor):
        return descriptor
    os.close(descriptor)
    return None


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
