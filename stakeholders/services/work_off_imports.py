"""The tick of imports: chunk by chunk, each with its place in the file in one transaction, so that a killed worker loses nothing."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import QuerySet

from accounts.actors import system
from audit.services import UnitOfWork, unit_of_work
from stakeholders.models import ImportRow, RegisterImport
from stakeholders.rules.imports import WORKED_OFF, ImportState
from stakeholders.services.apply_rows import apply_rows
from stakeholders.services.check_rows import check_rows
from stakeholders.services.undo_rows import undo_rows

ACTOR = system("register_import")
CHUNK = 500
# Rows hold addresses, and what stood before: they are deleted when an undo is no longer to be expected.
KEPT_FOR = timedelta(days=30)

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
    """Works at the oldest import under way for so long; returns rows worked off."""
    until, rows = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        done = _chunk(now)
        if done is None:
            break
        rows += done
    return rows


def _chunk(now: datetime) -> int | None:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        taken = (
            RegisterImport.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(state__in=sorted(WORKED_OFF))
            .order_by("pk")
            .first()
        )
        if taken is None:
            return None
        rows = list(_due(taken)[:CHUNK])
        if rows:
            ACTS[taken.state](work, taken, rows)
            taken.done = min(taken.done + len(rows), taken.total)
            taken.last_number = rows[-1].number
        if len(rows) < CHUNK:
            taken.state = AFTER[ImportState(taken.state)]
            taken.done, taken.finished_at = taken.total, now
            body = {name: count for name, count in sorted(taken.counts.items()) if count}
            work.record(f"register_import.{_SAID[ImportState(taken.state)]}", subject=f"import:{taken.public_id}", body=body)
        taken.save()
        return len(rows)


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
