"""Pages that change seldom, in drawers that all versions share and that are written once.

A drawer is named by what its pages are made from, so a publication knows without making a page whether it is there. A *root*
names the drawers that belong together; a version points at its root, so that pages of the archive come and go with the version
in the one swap of ``current``. Drawers and roots are never changed; `archive_sweep` removes those no version needs.
"""

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from statuspage.snapshot.disk import flush_folder
from statuspage.snapshot.errors import BadName, SnapshotBusy
from statuspage.snapshot.live import Live
from statuspage.snapshot.manifest import MANIFEST_NAME
from statuspage.snapshot.names import DRAWERS, drawer_of
from statuspage.snapshot.staging import discard, fill

LINK = ".archive"
_DIGEST = re.compile(r"[0-9a-f]{16,64}")
_DIGEST_CHARACTERS = 32


@dataclass(frozen=True)
class Drawer:
    """Pages that are written together. Digests are lower-case hexadecimal."""

    place: str
    """Such as ``incidents/k3``; see `names.drawer_of`."""
    members: str
    """Digest of which pages are in it."""
    content: str
    """Digest of everything its pages are made from."""
    urgent: bool
    """Whether a publication must not go live without it as it is now."""
    make: Callable[[], Mapping[str, bytes]]
    """Makes its pages: name, such as ``incidents/k3v9x2m7q1w8.html``, to bytes. Called only where the drawer is not there yet."""

    @property
    def name(self) -> str:
        """Its folder."""
        return f"{self.same_pages}{self.content}"

    @property
    def same_pages(self) -> str:
        """How the names of drawers with the same pages begin, whatever these say."""
        return f"{self.place.replace('/', '-')}-{self.members}-"


@dataclass(frozen=True)
class Filled:
    """The root to point at, None for an empty archive, and how many drawers still have to be written."""

    root: str | None
    behind: int


def fill_archive(target: Path, drawers: Iterable[Drawer], *, workshop: Path, live: Live | None, modified: int, patience: float) -> Filled:
    """Write the drawers that are not there yet, the urgent ones first, and a root that names them all.

    After `patience` seconds the others wait for the next publication, and the version before lends its own: their pages then look
    as they did, but say of the same incidents what was published of them. A drawer from which a page has gone is always written.
    What is being written stands in the folder `workshop`, which is the caller's to clear away. Raises what `Drawer.make` raises,
    and OSError.
    """
    wanted = sorted(drawers, key=lambda drawer: not drawer.urgent)
    before = links_of(live.path / LINK) if live else {}
    chosen: dict[str, str] = {}
    behind, made, until = 0, 0, time.monotonic() + patience
    for drawer in wanted:
        _check(drawer)
        earlier = before.get(drawer.place)
        folder = _drawers(target) / drawer.name
        if (folder / MANIFEST_NAME).exists():
            chosen[drawer.place] = drawer.name
        elif drawer.urgent or (earlier and not earlier.startswith(drawer.same_pages)) or not made or time.monotonic() < until:
            _write(workshop, folder, drawer, _drawers(target) / earlier if earlier else None, modified)
            chosen[drawer.place] = drawer.name
            made += 1
        else:
            behind += 1
            if earlier:
                chosen[drawer.place] = earlier
    return Filled(_root(target, workshop, chosen) if chosen else None, behind)


def links_of(root: Path) -> dict[str, str]:
    """The drawers a root, or a version's pointer at one, names: place to folder name. Empty where there is none."""
    found: dict[str, str] = {}
    for shelf in DRAWERS:
        try:
            entries = list(os.scandir(root / shelf))
        except OSError:
            continue
        found |= {f"{shelf}/{entry.name}": Path(entry.path).readlink().name for entry in entries}
    return found


def check_root(target: Path, root: str) -> None:
    """Raise SnapshotBusy where `root` or a drawer of it has been swept since it was chosen. Call under the target's lock."""
    chosen = links_of(_roots(target) / root)
    if not chosen or not all((_drawers(target) / name / MANIFEST_NAME).exists() for name in chosen.values()):
        raise SnapshotBusy(f"a part of {target}/archive was removed while it was chosen; try again")


def archive_sweep(target: Path, *, older_than: float) -> None:
    """Remove roots and drawers that no version refers to and that are older than `older_than` seconds. Under the target's lock.

    The younger ones may be another writer's, who is about to point at them.
    """
    roots = {link.name for version in (target / "v").glob("[0-9]*") if (link := _link_of(version)) is not None}
    drawers = {name for root in roots for name in links_of(_roots(target) / root).values()}
    before = time.time() - older_than
    for folder, needed in ((_roots(target), roots), (_drawers(target), drawers)):
        for entry in os.scandir(folder) if folder.is_dir() else ():
            if entry.name not in needed and entry.stat(follow_symlinks=False).st_mtime < before:
                discard(Path(entry.path))


def _write(workshop: Path, folder: Path, drawer: Drawer, earlier: Path | None, modified: int) -> None:
    pages = {}
    for name, content in drawer.make().items():
        if drawer_of(name) != drawer.place:
            raise BadName(f"{name!r} does not belong into {drawer.place!r}")
        pages[name.rpartition("/")[2]] = content
    fresh = workshop / ".drawer"
    fresh.mkdir()
    fill(fresh, 0, pages, previous=earlier, modified=modified)
    _name(fresh, folder)


def _root(target: Path, workshop: Path, chosen: Mapping[str, str]) -> str:
    name = hashlib.sha256(json.dumps(chosen, sort_keys=True).encode()).hexdigest()[:_DIGEST_CHARACTERS]
    folder = _roots(target) / name
    if folder.is_dir():
        return name
    fresh = workshop / ".root"
    for place, drawer in chosen.items():
        link = fresh / place
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(f"../../../drawers/{drawer}")
    for shelf in fresh.iterdir():
        flush_folder(shelf)
    flush_folder(fresh)
    _name(fresh, folder)
    return name


def _name(fresh: Path, folder: Path) -> None:
    """Give a complete folder its name; another writer's equal one may be there already."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        fresh.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        shutil.rmtree(fresh)
    flush_folder(folder.parent)


def _check(drawer: Drawer) -> None:
    if not (_DIGEST.fullmatch(drawer.members) and _DIGEST.fullmatch(drawer.content)):
        raise BadName(f"{drawer.name!r}: a drawer is named by its place and two digests in hexadecimal")


def _link_of(version: Path) -> Path | None:
    try:
        return (version / LINK).readlink()
    except OSError:
        return None


def _drawers(target: Path) -> Path:
    return target / "archive" / "drawers"


def _roots(target: Path) -> Path:
    return target / "archive" / "roots"
