"""Imports and their rows, for whoever may write the register."""

import csv
import io
from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from accounts.actors import Actor
from accounts.rules.roles import Permission
from core.errors import NotFound
from stakeholders.models import ImportRow, RegisterImport
from stakeholders.rules.tables import guarded

_PIECE = 1000


def visible_imports(actor: Actor) -> "QuerySet[RegisterImport]":
    """The imports, newest first; raises `Forbidden` for whoever may not write the register."""
    actor.require(Permission.STAKEHOLDER_WRITE)
    return RegisterImport.objects.select_related("started_by")


def visible_import(actor: Actor, public_id: str) -> RegisterImport:
    """One of them; raises `NotFound` or `Forbidden`."""
    found = visible_imports(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def rows_of(taken: RegisterImport, action: str = "") -> "QuerySet[ImportRow]":
    """Its rows in the file's order, those of one action alone where it is given."""
    rows = taken.rows.select_related("stakeholder")
    return rows.filter(action=action) if action else rows


def faults_as_csv(taken: RegisterImport) -> Iterator[str]:
    """The rows at fault as they came, with the line and what is wrong in front: to be corrected and sent again."""
    yield csv_line(["line", "problem", *taken.columns], taken.delimiter)
    last = 0
    while rows := list(taken.rows.filter(action="error", number__gt=last).order_by("number")[:_PIECE]):
        last = rows[-1].number
        for row in rows:
            problems = "; ".join(f"{name}: {text}" if name else text for name, text in row.problems)
            yield csv_line([str(row.number), problems, *row.cells], taken.delimiter)


def csv_line(cells: Sequence[str], delimiter: str = ",") -> str:
    """One line of a CSV file (RFC 4180) in which no cell is run by a spreadsheet."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerow([guarded(cell) for cell in cells])
    return out.getvalue()
