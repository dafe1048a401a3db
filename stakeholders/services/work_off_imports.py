"""The tick of imports: chunk by chunk, each with its place in the file in one transaction, so that a killed worker loses nothing."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError
from django.db.models import Q, QuerySet

from accounts.actors import system
from audit.services import UnitOfWork, unit_of_work
from core.errors import is_busy
from stakeholders.models import ImportRow, RegisterImport
from stakeholders.rules.imports import TRIES, WORKED_OFF, ImportState, rest_after, told_of
from stakeholders.services.apply_rows import apply_rows
from stakeholders.services.check_rows import check_rows
from stakeholders.services.undo_rows import undo_rows

ACTOR = system("register_import")
CHUNK = 500
# Rows hold addresses, and what stood before: they are deleted when an undo is no longer to be expected.
KEPT_FOR = timedelta(days=30)
logger = logging.getLogger(__name__)

AFTER = {ImportState.CHECKING: ImportState.CHECKED, ImportState.APPLYING: ImportState.DONE, ImportState.UNDOING: ImportState.UNDONE}
_SAID = {ImportState.CHECKED: "checked", ImportState.DONE: "done", ImportState.UNDONE: "undone"}


def _check(work: UnitOfWork, taken: RegisterImport, rows: list[ImportRow]) -> None:
    del work
    check_rows(taken, rows)


ACTS: dict[str, Callable[[UnitOfWork, RegisterImport, list[ImportRow]], None]] = {
    ImportState.CHECKING: _check,
    ImportState.APPLYING: apply_rows,
    ImportState.UNDOING: undo_rows,
}


def work_off_imports(*, now: datetime, seconds: float = 1.0) -> int:
    """Works at the oldest import under way that does not rest, for so long; returns rows worked off."""
    until, rows = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        done = _chunk(now)
        if done is None:
            break
        rows += done
    return rows


def _chunk(now: datetime) -> int | None:
    """Rows worked off of the first import that does not rest; `None` when there is none. What fails is undone and noted."""
    tried: list[_Tried] = []
    try:
        return _worked_off(now, tried)
    except Exception as error:  # whatever it is, the other imports wait too
        if not tried:
            raise
        logger.exception("A chunk of import %s failed", tried[0].import_id)
        _note_failure(tried[0], error, now=now)
        return 0


def _worked_off(now: datetime, tried: list["_Tried"]) -> int | None:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        taken = (
            RegisterImport.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(Q(retry_at__isnull=True) | Q(retry_at__lte=now), state__in=sorted(WORKED_OFF))
            .order_by("pk")
            .first()
        )
        if taken is None:
            return None
        tried.append(_Tried(taken.pk, taken.state, taken.last_number))
        rows = list(_due(taken)[:CHUNK])
        if rows:
            tried[0] = _Tried(taken.pk, taken.state, taken.last_number, rows[0].number, rows[-1].number)
            ACTS[taken.state](work, taken, rows)
            taken.done = min(taken.done + len(rows), taken.total)
            taken.last_number = rows[-1].number
        if len(rows) < CHUNK:
            taken.state = AFTER[ImportState(taken.state)]
            taken.done, taken.finished_at = taken.total, now
            body = {name: count for name, count in sorted(taken.counts.items()) if count}
            work.record(f"register_import.{_SAID[ImportState(taken.state)]}", subject=f"import:{taken.public_id}", body=body)
        taken.failures, taken.retry_at, taken.failure = 0, None, ""
        taken.save()
        return len(rows)


@dataclass(frozen=True)
class _Tried:
    """A chunk that was begun: where its import stood, and its first and last line; 0 where no line was left."""

    import_id: int
    state: str
    last_number: int
    first: int = 0
    last: int = 0


def _note_failure(tried: _Tried, error: Exception, *, now: datetime) -> None:
    """The chunk rests for a while; after `TRIES` failures in a row the import has failed, and a person decides."""
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        taken = RegisterImport.objects.select_for_update(no_key=True).get(pk=tried.import_id)
        if (taken.state, taken.last_number) != (tried.state, tried.last_number):
            return  # somebody else's try succeeded, or a person has decided
        taken.failures += 1
        taken.failure = told_of(taken.state, first=tried.first, last=tried.last, why=_why(error), failures=taken.failures)
        if taken.failures < TRIES:
            taken.retry_at = now + rest_after(taken.failures)
        else:
            taken.failed_while, taken.state = taken.state, ImportState.FAILED
            taken.retry_at, taken.finished_at = None, now
            body = {"while": taken.failed_while, "first": tried.first, "last": tried.last, "error": type(error).__name__}
            work.record("register_import.failed", subject=f"import:{taken.public_id}", body=body)
        taken.save()


def _why(error: Exception) -> str:
    """In words, and without what stands in the lines."""
    if is_busy(error):
        return "others were changing the same entries"
    if isinstance(error, DatabaseError):
        return f"the database refused it ({type(error).__name__})"
    return f"a fault of ours ({type(error).__name__}), which the log of the worker describes"


def _due(taken: RegisterImport) -> "QuerySet[ImportRow]":
    rows = taken.rows.filter(number__gt=taken.last_number).order_by("number")
    if taken.state == ImportState.APPLYING:
        return rows.filter(action__in=["new", "changed"], applied_at__isnull=True)
    if taken.state == ImportState.UNDOING:
        return rows.filter(applied_at__isnull=False, undone_at__isnull=True)
    return rows


def forget_old_imports(*, now: datetime) -> int:
    """Deletes the rows of imports that were finished, or left lying, 30 days ago; what they did stays. Returns how many imports."""
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        old = list(
            RegisterImport.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(emptied_at__isnull=True, created_at__lt=now - KEPT_FOR)
            .exclude(state__in=sorted(WORKED_OFF))
            .exclude(finished_at__gte=now - KEPT_FOR)
            .order_by("pk")[:10]
        )
        for taken in old:
            ImportRow.objects.filter(register_import=taken)._raw_delete("default")
            taken.emptied_at = now
            taken.save(update_fields=["emptied_at"])
            work.record("register_import.emptied", subject=f"import:{taken.public_id}", body={"rows": taken.total})
        return len(old)
