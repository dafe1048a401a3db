"""Durable writes: what these functions return from survives a loss of power."""

import os
from pathlib import Path


def write_durably(path: Path, content: bytes, *, modified: int | None = None) -> None:
    """Create `path` (which must not exist) with `content`, flushed to disk; `modified` sets its time, epoch seconds."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        if modified is not None:
            os.utime(file.fileno(), (modified, modified))
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    """Flush the names in `folder` to disk: a new or renamed file is durable only after this."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def link_or_copy(source: Path, destination: Path) -> None:
    """Make `destination` the same file as `source`, by hard link where the file system has them."""
    try:
        os.link(source, destination)
    except OSError:
        write_durably(destination, source.read_bytes(), modified=int(source.stat().st_mtime))
