"""Looking into the audit log."""

from django.db import connection


def audit_types(subject: str = "") -> list[str]:
    """The types of all entries in order, or of those about one subject."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT type FROM audit_entry WHERE %s IN ('', subject) ORDER BY index", [subject])
        return [row[0] for row in cursor.fetchall()]
