"""Shows the projection: numbers a version, renders it, puts it live, and notes that it is."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection, transaction
from django.db.models import F

from accounts.actors import system
from audit.services import unit_of_work
from core.canonical import canonical_hash
from statuspage import snapshot
from statuspage.models import PageChange, PageState
from statuspage.queries import publication_is_due, read_projection
from statuspage.rules.record import PageRecord
from statuspage.services.render import files_of

log = logging.getLogger(__name__)
_ASSETS = ("page.css", "page.js")


@dataclass(frozen=True)
class Publication:
    """What came of one publication. Not `applied`: a newer version was live already. `changed`: other content than before."""

    seq: int
    applied: bool
    changed: bool


@dataclass(frozen=True)
class _Reading:
    seq: int
    changes: Sequence[int]
    page: PageRecord


def publish_if_needed(*, now: datetime) -> Publication | None:
    """The tick: publishes when something waits to be shown or the page is due to be confirmed (every 60 s)."""
    return publish_snapshot(now=now) if publication_is_due(now) else None


def publish_snapshot(*, now: datetime) -> Publication:
    """Publishes the projection as it stands, as the next version, into `STATUSPAGE_DIR`.

    The files are written outside any transaction, so nobody waits for the disk. What fails leaves the last version live
    and the changes waiting for the next attempt. Raises the errors of `snapshot.publish`.
    """
    target: Path = settings.STATUSPAGE_DIR
    reading = _read()
    assets = {name: snapshot.put_static(target, name, _asset(name)) for name in _ASSETS}
    published = snapshot.publish(target, reading.seq, files_of(reading.page, assets=assets, now=now))
    if published.applied:
        return Publication(reading.seq, True, _note(reading, now))
    if PageState.objects.filter(seq__lt=published.live_seq).update(seq=published.live_seq):
        # The folder is ahead of the database, which came from a backup or is new: go on from the folder's number.
        log.warning("The page shows version %d, later than any given out here; continuing from it.", published.live_seq)
        return publish_snapshot(now=now)
    return Publication(reading.seq, False, False)


def _read() -> _Reading:
    """One number and one consistent sight of the projection, in the same order for all publishers.

    The lock comes before the transaction's first look at the data (PostgreSQL, LOCK: "you have to execute the LOCK TABLE
    statement before executing any SELECT"), so a higher number never shows an older state.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        _lock()
        PageState.objects.update(seq=F("seq") + 1)
        seq = PageState.objects.values_list("seq", flat=True).get()
        return _Reading(seq, list(PageChange.objects.values_list("pk", flat=True)), read_projection())


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE statuspage_pagestate IN SHARE ROW EXCLUSIVE MODE")


def _note(reading: _Reading, now: datetime) -> bool:
    content = _content_hash(reading.page)
    with unit_of_work(actor=system("publisher").ref, now=now) as work:
        _lock()
        PageChange.objects.filter(pk__in=reading.changes).delete()
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


def _content_hash(page: PageRecord) -> str:
    return canonical_hash(_plain(asdict(page)))


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
