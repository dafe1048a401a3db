"""Emptying the database between transactional tests, in spite of tables that refuse to be emptied.

Append-only tables carry triggers against UPDATE, DELETE and TRUNCATE that not even a test may ignore. A flush therefore
switches the triggers off, truncates every table (also those that belong to no model: the cache, or a package's table whose
model we replaced), puts back the rows that migrations had made, and restores each trigger to the exact state it had: all
in one transaction.
"""

import io
from collections.abc import Sequence
from typing import Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models.signals import post_migrate
from django.db.transaction import atomic

# pg_trigger.tgenabled: https://www.postgresql.org/docs/current/catalog-pg-trigger.html
STATES = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}

# What the migrations have done stays done.
KEPT = "django_migrations"

TRIES = 3


def make_flush_bearable(connection: BaseDatabaseWrapper) -> None:
    """Replace the flush of every connection. Call it once, right after the migrations, for it remembers the rows of that moment.

    The class is patched, not the object: under Playwright's event loop a test meets a connection object of its own.

    The receivers of `post_migrate`, which a flush would call each time, have made their rows by then: those are put back
    with the others, and the receivers are let go.
    """
    post_migrate.receivers = []
    migrated = _rows_of_migrations(connection)

    def execute_sql_flush(self: Any, sql_list: Sequence[str]) -> None:
        # A request of a live server may be in its last statements: the database ends a deadlock, the flush tries again.
        for attempt in range(TRIES):
            try:
                return empty(self)
            except OperationalError:
                if attempt == TRIES - 1:
                    raise
        return None

    def empty(self: Any) -> None:
        with atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            # A connection that a test left open in a transaction would block the flush for ever.
            cursor.execute("SET LOCAL lock_timeout = '15s'")
            tables = _tables(cursor)
            triggers = _triggers(cursor, tables)
            for table, name, _ in triggers:
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER "{name}"')
            cursor.execute("TRUNCATE " + ", ".join(f'"{table}"' for table in tables))
            for table, rows in migrated.items():
                cursor.copy_expert(f'COPY "{table}" FROM STDIN', io.StringIO(rows))
            # Deferred foreign keys are checked here; a table with pending checks cannot be altered.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table, name, state in triggers:
                cursor.execute(f'ALTER TABLE "{table}" {STATES[state]} TRIGGER "{name}"')

    setattr(type(connection.ops), "execute_sql_flush", execute_sql_flush)  # noqa: B010 - mypy rightly forbids assigning to a method


def _rows_of_migrations(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Each table that is not empty, in PostgreSQL's own text form."""
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        for table in _tables(cursor):
            copied = io.StringIO()
            cursor.copy_expert(f'COPY "{table}" TO STDOUT', copied)
            if copied.getvalue():
                found[table] = copied.getvalue()
    return found


def _tables(cursor: CursorWrapper) -> list[str]:
    cursor.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace"
        " AND c.relname <> %s ORDER BY c.relname",
        [KEPT],
    )
    return [row[0] for row in cursor.fetchall()]


def _triggers(cursor: CursorWrapper, tables: list[str]) -> list[tuple[str, str, str]]:
    """Table, name and state of every trigger of our own that is switched on."""
    cursor.execute(
        "SELECT c.relname, t.tgname, t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND pg_table_is_visible(c.oid) AND c.relname = ANY(%s)"
        " ORDER BY c.relname, t.tgname",
        [tables],
    )
    return list(cursor.fetchall())
