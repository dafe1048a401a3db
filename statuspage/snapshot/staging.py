"""A version on its way: written out of sight, complete before it gets its name."""

import os
import shutil
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

from statuspage.snapshot.disk import flush_folder, link_or_copy, write_durably
from statuspage.snapshot.encodings import encoded_forms
from statuspage.snapshot.live import Live
from statuspage.snapshot.locks import lock_folder
from statuspage.snapshot.manifest import MANIFEST_NAME, Manifest, Stamp, read_manifest, verify

_PREFIX = ".staging-"


def open_staging(versions: Path) -> tuple[Path, int | None]:
    """A new folder beside the versions and the descriptor that marks it as ours. Call under the target's lock."""
    folder = versions / f"{_PREFIX}{uuid.uuid4().hex}"
    folder.mkdir()
    return folder, lock_folder(folder)


def discard(folder: Path) -> None:
    """Remove a version or a staging folder so that no half of it is ever seen under its own name."""
    if not folder.name.startswith(_PREFIX):
        folder = folder.rename(folder.with_name(f"{_PREFIX}{uuid.uuid4().hex}"))
    shutil.rmtree(folder, ignore_errors=True)


def sweep_leftovers(versions: Path) -> None:
    """Remove what crashed writers left, telling it from a living writer's by its lock. Call under the target's lock."""
    for folder in versions.glob(f"{_PREFIX}*"):
        descriptor = lock_folder(folder)
        if descriptor is not None:
            discard(folder)
            os.close(descriptor)
    # A pointer that was made and never renamed. Only the holder of the lock makes one, and that is the caller.
    for pointer in versions.parent.glob(".current-*"):
        pointer.unlink(missing_ok=True)


def fill(folder: Path, seq: int, files: Mapping[str, bytes], *, previous: Live | None) -> Manifest:
    """Write `files`, their encoded forms and the manifest into `folder`, flush all, read it back and verify.

    A file equal to the previous version's is linked to it, which saves compressing and flushing it again. The others
    get a modification time later, in whole seconds, than any file before: nginx makes its entity tags of time and
    size alone, and two versions within a second must not share one.
    """
    before = read_manifest(previous.path) if previous else None
    modified = max(int(time.time()), before.modified + 1 if before else 0)
    stamps: dict[str, Stamp] = {}
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        stamp = Stamp.of(content)
        if previous and before and before.files.get(name) == stamp and _relink(folder, name, previous, before, stamps):
            continue
        for suffix, form in (("", content), *encoded_forms(name, content)):
            target = folder / f"{name}{suffix}"
            target.unlink(missing_ok=True)
            write_durably(target, form, modified=modified)
            stamps[f"{name}{suffix}"] = Stamp.of(form)
    manifest = Manifest(seq, modified, stamps)
    write_durably(folder / MANIFEST_NAME, manifest.to_bytes())
    for parent, _, _ in os.walk(folder):
        flush_folder(Path(parent))
    verify(folder, manifest)
    return manifest


def _relink(folder: Path, name: str, previous: Live, before: Manifest, stamps: dict[str, Stamp]) -> bool:
    """Take `name` and its encoded forms over from the previous version; False where that has gone or is damaged."""
    taken = {}
    for form in (name, f"{name}.gz", f"{name}.br"):
        if form not in before.files:
            continue
        try:
            link_or_copy(previous.path / form, folder / form)
            intact = Stamp.of((folder / form).read_bytes()) == before.files[form]
        except OSError:
            return False
        if not intact:
            return False
        taken[form] = before.files[form]
    stamps.update(taken)
    return True
