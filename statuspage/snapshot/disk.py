"""Durable writes: what stands on the disk after these functions survives a loss of power."""

import os
from collections.abc import Iterable
from pathlib import Path


def write_new(path: Path, content: bytes, *, modified: int | None = None) -> None:
    """Create `path` (which must not exist) with `content`; durable only after `flush`. `modified`: its time, epoch seconds."""
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        if modified is not None:
            os.utime(file.fileno(), (modified, modified))


def write_durably(path: Path, content: bytes, *, modified: int | None = None) -> None:
    """`write_new`, flushed to disk."""
    write_new(path, content, modified=modified)
    flush([path])


def flush(files: Iterable[Path]) -> None:
    """Flush files to disk. Many at once cost little more than one: the first takes the others' journal along."""
    for file in files:
        _flush(file, os.O_RDONLY)


def flush_folder(folder: Path) -> None:
    """Flush the names in `folder` to disk: a new or renamed file is durable only after this."""
    _flush(folder, os.O_RDONLY | os.O_DIRECTORY)


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags | os.O_CLOEXEC)
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
