"""A folder on its way: written out of sight, complete before it gets its name."""

import os
import shutil
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

from statuspage.snapshot.disk import flush, flush_folder, link_or_copy, write_new
from statuspage.snapshot.encodings import encoded_forms
from statuspage.snapshot.locks import lock_folder
from statuspage.snapshot.manifest import MANIFEST_NAME, Manifest, Stamp, read_manifest, verify

_PREFIX = ".staging-"


def open_staging(beside: Path) -> tuple[Path, int | None]:
    """A new folder in `beside` and the descriptor that marks it as ours. For versions, call under the target's lock."""
    folder = beside / f"{_PREFIX}{uuid.uuid4().hex}"
    folder.mkdir()
    return folder, lock_folder(folder)


def discard(folder: Path) -> None:
    """Remove a version or a staging folder so that no half of it is ever seen under its own name."""
    if not folder.name.startswith(_PREFIX):
        folder = folder.rename(folder.with_name(f"{_PREFIX}{uuid.uuid4().hex}"))
    shutil.rmtree(folder, ignore_errors=True)


def sweep_leftovers(beside: Path) -> None:
    """Remove what crashed writers left in `beside`, telling it from a living writer's by its lock. Call under the target's lock."""
    for folder in beside.glob(f"{_PREFIX}*"):
        descriptor = lock_folder(folder)
        if descriptor is not None:
            discard(folder)
            os.close(descriptor)


def later_second(before: Manifest | None) -> int:
    """A modification time, in whole seconds, later than that of any file of the version `before`.

    nginx makes its entity tags of time and size alone, and two versions within a second must not share one.
    """
    return max(int(time.time()), before.modified + 1 if before else 0)


def fill(folder: Path, seq: int, files: Mapping[str, bytes], *, previous: Path | None, modified: int) -> Manifest:
    """Write `files`, their encoded forms and the manifest into `folder`, flush all, read it back and verify.

    A file equal to that in the folder `previous` is linked to it, which saves compressing and flushing it again. The others
    get the time `modified` (see `later_second`).
    """
    before = read_manifest(previous) if previous else None
    stamps: dict[str, Stamp] = {}
    written: list[Path] = []
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        stamp = Stamp.of(content)
        if previous and before and before.files.get(name) == stamp and _relink(folder, name, previous, before, stamps):
            continue
        for suffix, form in (("", content), *encoded_forms(name, content)):
            target = folder / f"{name}{suffix}"
            target.unlink(missing_ok=True)
            write_new(target, form, modified=modified)
            written.append(target)
            stamps[f"{name}{suffix}"] = Stamp.of(form)
    flush(written)
    manifest = Manifest(seq, modified, stamps)
    write_new(folder / MANIFEST_NAME, manifest.to_bytes())
    flush([folder / MANIFEST_NAME])
    for parent, _, _ in os.walk(folder):
        flush_folder(Path(parent))
    verify(folder, manifest)
    return manifest


def _relink(folder: Path, name: str, previous: Path, before: Manifest, stamps: dict[str, Stamp]) -> bool:
    """Take `name` and its encoded forms over from the folder `previous`; False where that has gone or is damaged."""
    taken = {}
    for form in (name, f"{name}.gz", f"{name}.br"):
        if form not in before.files:
            continue
        try:
            link_or_copy(previous / form, folder / form)
            intact = Stamp.of((folder / form).read_bytes()) == before.files[form]
        except OSError:
            return False
        if not intact:
            return False
        taken[form] = before.files[form]
    stamps.update(taken)
    return True
