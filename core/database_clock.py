"""The clock by which things fall due: the database's, one for all machines."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """The current instant by the database's clock, aware. A machine whose own clock is wrong does nothing early by it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
        return found
