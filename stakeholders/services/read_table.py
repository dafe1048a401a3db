"""Reading an uploaded table row by row, however long it is, into rows of an import."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.db import connection

from core.errors import InvalidInput
from stakeholders.models import RegisterImport
from stakeholders.rules.tables import MOST_COLUMNS, delimiter_of, encoding_of

MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 200_000
_PIECE = 1024 * 1024
_SAMPLE = 16 * 1024
_BATCH = 5000
# A field of the csv module: beyond it a forgotten quote has swallowed the rest of the file.
_LONGEST_FIELD = 64 * 1024
_COPY = (
    "COPY stakeholders_importrow (register_import_id, number, cells, action, external_key, address_key, entry, problems, changes)"
    " FROM STDIN WITH (FORMAT csv, FORCE_NOT_NULL (action, external_key, address_key))"
)


def refusal(message: str) -> InvalidInput:
    """What is wrong with the file as a whole."""
    return InvalidInput(message, fields={"file": [message]})


def shape_of(file: IO[bytes]) -> tuple[str, str, list[str]]:
    """Encoding, delimiter and headings. Raises `InvalidInput` for what is no table."""
    encoding = encoding_of(iter(lambda: file.read(_PIECE), b""))
    with _as_text(file, encoding) as text:
        sample = text.read(_SAMPLE)
    if not sample.strip():
        raise refusal("The file is empty: its first line holds the headings, each further line one entry.")
    delimiter = delimiter_of(sample)
    for headings, _ in _rows(file, encoding, delimiter):
        if len(headings) > MOST_COLUMNS:
            raise refusal(f"The file has {len(headings)} columns; at most {MOST_COLUMNS} can be read.")
        return encoding, delimiter, [heading.strip()[:200] for heading in headings]
    raise refusal("The file has no headings.")


def store_rows(file: IO[bytes], taken: RegisterImport) -> int:
    """Writes every row with anything in it, in batches; returns how many. Raises `InvalidInput` naming the line at fault."""
    stored, buffer = 0, io.StringIO()
    writer = csv.writer(buffer)
    with connection.cursor() as cursor:
        for cells, line in _rows(file, taken.encoding, taken.delimiter, after_headings=True):
            if not any(cell.strip() for cell in cells):
                continue
            stored += 1
            if stored > MOST_ROWS:
                raise refusal(f"The file has more than {MOST_ROWS:,} rows: split it.")
            writer.writerow([taken.pk, line, json.dumps(cells), "", "", "", "{}", "[]", "{}"])
            if stored % _BATCH == 0:
                _flush(cursor, buffer)
        _flush(cursor, buffer)
    return stored


def _flush(cursor: object, buffer: io.StringIO) -> None:
    buffer.seek(0)
    cursor.copy_expert(_COPY, buffer)  # type: ignore[attr-defined]  # psycopg2's own, behind Django's wrapper
    buffer.seek(0)
    buffer.truncate()


def _rows(file: IO[bytes], encoding: str, delimiter: str, *, after_headings: bool = False) -> Iterator[tuple[list[str], int]]:
    """Rows with the line each begins on."""
    csv.field_size_limit(_LONGEST_FIELD)
    with _as_text(file, encoding) as text:
        reader, line = csv.reader(text, delimiter=delimiter, strict=True), 1
        try:
            for cells in reader:
                if any("\x00" in cell for cell in cells):
                    raise refusal(f"Line {line} holds the character NUL: is this a text file?")
                if not after_headings or line > 1:
                    yield cells, line
                line = reader.line_num + 1
        except csv.Error as error:
            raise refusal(f"Line {line} cannot be read as a table: {error}. Is a quotation mark missing?") from error
        except UnicodeError as error:
            raise refusal(f"Line {line} is not in the file's encoding ({encoding}). Save the file as UTF-8 and send it again.") from error


@contextmanager
def _as_text(file: IO[bytes], encoding: str) -> Iterator[io.TextIOWrapper]:
    """The file from its beginning, as text; it stays open afterwards."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    try:
        yield text
    finally:
        text.detach()
