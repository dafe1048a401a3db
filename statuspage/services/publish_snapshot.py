"""Shows the projection: numbers a version, renders it, puts it live, and notes that it is."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection, transaction
from django.db.models import F

from accounts.actors import system
from audit.services import unit_of_work
from core.canonical import canonical_hash
from statuspage import snapshot
from statuspage.models import PageChange, PageState, PublicIncident
from statuspage.queries import SettledDrawer, publication_is_due, read_projection, read_settled, settled_drawer, settled_drawers
from statuspage.rules.record import PageRecord
from statuspage.services.project_incident import stamp
from statuspage.services.render import files_of, look_of, settled_files

log = logging.getLogger(__name__)
_ASSETS = ("page.css", "page.js")
# For writing settled pages anew where only their look has changed. A tick has other clocks to serve.
PATIENCE_SECONDS = 1.5
# Settled so lately that the version before may still show it as news: must be in the archive when that goes.
_NEWLY = timedelta(days=1)
_ATTEMPTS = 3


@dataclass(frozen=True)
class Publication:
    """What came of one publication. Not `applied`: a newer version was live already. `changed`: other content than before.

    `behind`: drawers of settled pages left for the next publication, which then is due at once.
    """

    seq: int
    applied: bool
    changed: bool
    behind: int = 0


@dataclass(frozen=True)
class _Reading:
    seq: int
    changes: Sequence[int]
    page: PageRecord
    settled: Sequence[SettledDrawer]


class _MovedOnError(Exception):
    """What was to be written of the projection has changed since it was read."""


def publish_if_needed(*, now: datetime) -> Publication | None:
    """The tick: publishes when something waits to be shown or the page is due to be confirmed (every 60 s)."""
    return publish_snapshot(now=now) if publication_is_due(now) else None


def publish_snapshot(*, now: datetime, patience: float = PATIENCE_SECONDS) -> Publication:
    """Publishes the projection as it stands, as the next version, into `STATUSPAGE_DIR`.

    The files are written outside any transaction, so nobody waits for the disk. What fails leaves the last version live
    and the changes waiting for the next attempt. `patience`: see `snapshot.publish`. Raises the errors of `snapshot.publish`.
    """
    for _ in range(_ATTEMPTS):
        try:
            return _publish(now, patience)
        except _MovedOnError:
            continue
    raise snapshot.SnapshotBusy("the projection changed while the archive was written; try again")


def _publish(now: datetime, patience: float) -> Publication:
    target: Path = settings.STATUSPAGE_DIR
    for incident in PublicIncident.objects.filter(digest=""):
        stamp(incident)
    reading = _read(now)
    assets = {name: snapshot.put_static(target, name, _asset(name)) for name in _ASSETS}
    files, archive = files_of(reading.page, assets=assets, now=now), _archive(reading, assets, now)
    published = snapshot.publish(target, reading.seq, files, archive, patience=patience)
    if published.applied:
        return Publication(reading.seq, True, _note(reading, now, behind=published.behind), published.behind)
    if PageState.objects.filter(seq__lt=published.live_seq).update(seq=published.live_seq):
        # The folder is ahead of the database, which came from a backup or is new: go on from the folder's number.
        log.warning("The page shows version %d, later than any given out here; continuing from it.", published.live_seq)
        return publish_snapshot(now=now, patience=patience)
    return Publication(reading.seq, False, False)


def _read(now: datetime) -> _Reading:
    """One number and one consistent sight of the projection, in the same order for all publishers.

    The lock comes before the transaction's first look at the data (PostgreSQL, LOCK: "you have to execute the LOCK TABLE
    statement before executing any SELECT"), so a higher number never shows an older state.
    """
    with _one_sight():
        _lock()
        PageState.objects.update(seq=F("seq") + 1)
        seq = PageState.objects.values_list("seq", flat=True).get()
        return _Reading(seq, list(PageChange.objects.values_list("pk", flat=True)), read_projection(now), settled_drawers(now))


@contextmanager
def _one_sight() -> Iterator[None]:
    """A transaction that sees the data as they were at its first look."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _archive(reading: _Reading, assets: Mapping[str, str], now: datetime) -> list[snapshot.Drawer]:
    look = look_of(reading.page, assets=assets)
    return [
        snapshot.Drawer(
            place=drawer.place,
            members=drawer.members[:16],
            content=canonical_hash({"look": look, "content": drawer.content})[:32],
            urgent=drawer.changed_at > now - _NEWLY,
            make=partial(_settled_pages, drawer, assets, now),
        )
        for drawer in reading.settled
    ]


def _settled_pages(drawer: SettledDrawer, assets: Mapping[str, str], now: datetime) -> Mapping[str, bytes]:
    """Read in one sight with a digest that must still be the drawer's: under its name nothing else may ever lie."""
    with _one_sight():
        if settled_drawer(drawer.place, now) != drawer:
            raise _MovedOnError
        page = read_settled(drawer.place)
    return settled_files(drawer.place, page, assets=assets)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE statuspage_pagestate IN SHARE ROW EXCLUSIVE MODE")


def _note(reading: _Reading, now: datetime, *, behind: int) -> bool:
    content = _content_hash(reading)
    with unit_of_work(actor=system("publisher").ref, now=now) as work:
        _lock()
        PageChange.objects.filter(pk__in=reading.changes).delete()
        if behind:
            PageChange.objects.create(at=now)
        state = PageState.objects.get()
        if state.shown_seq > reading.seq:
            return False
        changed = state.content_hash != content
        state.shown_seq, state.shown_at, state.content_hash = reading.seq, now, content
        if changed:
            state.content_changed_at = now
            work.record("page.published", subject=f"page:{state.code}", body={"seq": reading.seq, "content": content})
        state.save(update_fields=["shown_seq", "shown_at", "content_hash", "content_changed_at"])
        return changed


def _content_hash(reading: _Reading) -> str:
    return canonical_hash(
        {"page": _plain(asdict(reading.page)), "settled": [[one.place, one.members, one.content] for one in reading.settled]}
    )


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value if isinstance(value, str | int | None) else str(value)


def _asset(name: str) -> bytes:
    found = finders.find(f"statuspage/{name}")
    if not found:
        raise FileNotFoundError(f"ui/static/statuspage/{name} is missing: the checkout is incomplete")
    return Path(found).read_bytes()
