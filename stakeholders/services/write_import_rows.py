"""Writing what became of many rows of an import in one statement."""

import json
from collections.abc import Sequence

from django.db import connection

from stakeholders.models import ImportRow

# Column and its type, as a record of JSON is read.
_COLUMNS = {
    "action": "text",
    "external_key": "text",
    "address_key": "text",
    "entry": "jsonb",
    "problems": "jsonb",
    "changes": "jsonb",
    "merged_into": "integer",
    "stakeholder_id": "bigint",
    "before": "jsonb",
    "applied_at": "timestamptz",
    "undone_at": "timestamptz",
    "kept": "text",
}
_SET = ", ".join(f"{name} = v.{name}" for name in _COLUMNS)
_TYPED = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
_UPDATE = f"UPDATE stakeholders_importrow r SET {_SET} FROM jsonb_to_recordset(%s::jsonb) AS v(id bigint, {_TYPED}) WHERE r.id = v.id"  # noqa: S608 - written above


def write_import_rows(rows: Sequence[ImportRow]) -> None:
    """Django's `bulk_update` would write one CASE for each row and column: 40 times as long."""
    if not rows:
        return
    told = [{"id": row.pk, **{name: getattr(row, name) for name in _COLUMNS}} for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [json.dumps(told, default=lambda at: at.isoformat())])
