"""Writing a chunk of an import's rows to the register."""

from django.db import IntegrityError, transaction

from audit.services import UnitOfWork
from stakeholders.models import ImportRow, RegisterImport
from stakeholders.rules.entries import Entry
from stakeholders.rules.imports import RowAction
from stakeholders.rules.kinds import ConsentSource
from stakeholders.services.entry_apply import Origin, apply_changes, record_lists
from stakeholders.services.entry_changes import Change, matched
from stakeholders.services.entry_lookups import Lookups, look_up
from stakeholders.services.write_import_rows import write_import_rows

TAKEN = "Somebody changed the same entry at the same moment: import this row again."


def apply_rows(work: UnitOfWork, taken: RegisterImport, rows: list[ImportRow]) -> None:
    """Writes these rows, compared anew with the register as it is now. One that cannot be written any more says why.

    `taken.counts` follows, unsaved.
    """
    origin = Origin(ConsentSource.IMPORT, consent=bool(taken.options.get("consent")), confirm=bool(taken.options.get("confirm")))
    for row in rows:
        taken.counts[row.action] -= 1
    try:
        with transaction.atomic():
            _write(work, rows, origin)
    except IntegrityError:
        # One of them is somebody else's meanwhile; the others go one by one.
        for row in rows:
            try:
                with transaction.atomic():
                    _write(work, [row], origin)
            except IntegrityError:
                _fail(row, {"": [TAKEN]})
    for row in rows:
        taken.counts[row.action] = taken.counts.get(row.action, 0) + 1
    write_import_rows(rows)


def _write(work: UnitOfWork, rows: list[ImportRow], origin: Origin) -> None:
    entries = [Entry.from_json(row.entry) for row in rows]
    known: Lookups = look_up(entries, lock=True)
    wanted: list[tuple[ImportRow, Change]] = []
    for row, entry in zip(rows, entries, strict=True):
        change = matched(entry, known)
        if change.problems:
            _fail(row, change.problems)
        elif change.is_nothing:
            row.action, row.stakeholder = RowAction.UNCHANGED, change.stakeholder
        else:
            wanted.append((row, change))
    changes = [change for _, change in wanted]
    before = apply_changes(work, changes, known, now=work.now, origin=origin)
    record_lists(work, changes, origin)
    for (row, change), stood in zip(wanted, before, strict=True):
        row.stakeholder, row.before, row.applied_at = change.made, stood, work.now
        row.action = RowAction.NEW if change.is_new else RowAction.CHANGED


def _fail(row: ImportRow, problems: dict[str, list[str]]) -> None:
    row.action = RowAction.ERROR
    row.problems = [[name, text] for name, texts in problems.items() for text in texts]
