"""Publishing a version: write it out of sight, verify it, then swap one pointer."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from statuspage.snapshot.archive import LINK, Drawer, archive_sweep, check_root, fill_archive
from statuspage.snapshot.disk import flush_folder
from statuspage.snapshot.live import current, point_at, sweep_pointers
from statuspage.snapshot.locks import target_lock
from statuspage.snapshot.manifest import read_manifest
from statuspage.snapshot.names import check_names
from statuspage.snapshot.staging import discard, fill, later_second, open_staging, sweep_leftovers

KEPT_VERSIONS = 20
_LOCK_TIMEOUT_SECONDS = 10.0
# What no version refers to stays for so long, because a writer may be about to: far longer than any takes.
_ARCHIVE_GRACE_SECONDS = 3600.0


@dataclass(frozen=True)
class Published:
    """What became of one call of `publish`."""

    applied: bool
    """True: the version is live now. False: one with the same or a higher number was live already and stays."""
    seq: int
    """The number that was to be published."""
    live_seq: int
    """The number that is live after the call."""
    path: Path
    """The folder of the version that is live after the call."""
    behind: int = 0
    """Drawers of the archive that still have to be written: publish again soon."""


def publish(
    target: Path, seq: int, files: Mapping[str, bytes], archive: Sequence[Drawer] = (), *, patience: float = float("inf")
) -> Published:
    """Put `files` (relative path to content) live in the folder `target` as version `seq`, whole or not at all.

    `seq` must rise with every version of a target; it is compared with the live one under the target's lock in the
    moment of the swap, so a worker that comes late cannot put an older page back: it gets ``applied=False`` and changes
    nothing. Publishing the same number twice applies the first. When the call returns applied, the version is flushed
    to disk, has been read back and verified, and every later open of ``current/...`` finds it. A crash at any moment
    leaves the old version or the new one live; what it leaves behind is removed by the next call. The last
    `KEPT_VERSIONS` versions are kept.

    `files` must hold ``index.html``, should hold ``404.html``, and must with `archive` be everything that is to be served
    besides ``static/``: nothing is carried over from the version before. For the names allowed see `names`. Of `archive` only
    the drawers that are not on the disk yet are made, for `patience` seconds; see `archive.fill_archive`.

    Raises BadName, SnapshotBusy, SnapshotDamaged, and OSError for a disk that is full or a folder that may not be
    written; after each of them what was live still is.
    """
    if seq < 1:
        raise ValueError(f"seq must be 1 or more, not {seq}")
    check_names(files)
    versions = target / "v"
    versions.mkdir(parents=True, exist_ok=True)
    with target_lock(target, timeout=_LOCK_TIMEOUT_SECONDS):
        sweep_pointers(target)
        sweep_leftovers(versions)
        live = current(target)
        if live and live.seq >= seq:
            return Published(False, seq, live.seq, live.path)
        staging, mark = open_staging(versions)
    try:
        # The slow part, outside the lock: a writer that is stopped here holds nobody up.
        modified = later_second(read_manifest(live.path) if live else None)
        archived = fill_archive(target, archive, workshop=staging, live=live, modified=modified, patience=patience)
        if archived.root:
            (staging / LINK).symlink_to(f"../../archive/roots/{archived.root}")
        fill(staging, seq, files, previous=live.path if live else None, modified=modified)
        with target_lock(target, timeout=_LOCK_TIMEOUT_SECONDS):
            if archived.root:
                check_root(target, archived.root)
            return _apply(target, seq, staging, behind=archived.behind)
    finally:
        if staging.exists():
            discard(staging)
        if mark is not None:
            os.close(mark)


def _apply(target: Path, seq: int, staging: Path, *, behind: int) -> Published:
    live = current(target)
    if live and live.seq >= seq:
        return Published(False, seq, live.seq, live.path)
    version = staging.with_name(str(seq))
    if version.exists():
        # Left by a writer that died between naming its version and pointing at it.
        discard(version)
    staging.rename(version)
    flush_folder(version.parent)
    point_at(target, seq)
    _prune(version.parent, live_seq=seq)
    archive_sweep(target, older_than=_ARCHIVE_GRACE_SECONDS)
    return Published(True, seq, seq, version, behind)


def _prune(versions: Path, *, live_seq: int) -> None:
    numbers = sorted((int(entry.name) for entry in versions.iterdir() if entry.name.isdecimal()), reverse=True)
    # Higher numbers than the live one are leftovers of a crash before the swap; they do not count as kept.
    for number in [n for n in numbers if n <= live_seq][KEPT_VERSIONS:]:
        discard(versions / str(number))
