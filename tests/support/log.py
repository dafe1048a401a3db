"""Looking into the audit log."""

import json
from typing import Any

from django.db import connection


def audit_types(subject: str = "") -> list[str]:
    """The types of all entries in order, or of those about one subject."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT type FROM audit_entry WHERE %s IN ('', subject) ORDER BY index", [subject])
        return [row[0] for row in cursor.fetchall()]


def logged(entry_type: str) -> dict[str, Any]:
    """The body of the only entry of this type."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM audit_entry WHERE type = %s", [entry_type])
        ((body,),) = cursor.fetchall()
    found: dict[str, Any] = json.loads(bytes(body))
    return found
