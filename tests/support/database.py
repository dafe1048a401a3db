"""Emptying the database between transactional tests, in spite of tables that refuse to be emptied.

Append-only tables carry triggers against UPDATE, DELETE and TRUNCATE that not even a test may ignore. A flush therefore
switches off the triggers of the tables that a test wrote to, empties these, puts back the rows that migrations had made, and
restores each trigger to the exact state it had: all in one transaction. Most tests write a few rows to a few tables, so
rows are deleted; what grew large is truncated, and everything that refers to it. Tables that belong to no model count too:
the cache, or a package's table whose model we replaced.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
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

# Bytes from which on the rows of a table are not deleted one by one: dead rows would slow the tests that follow.
LARGE = 2_000_000

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
            sizes = _sizes(cursor)
            if max(sizes.values(), default=0) > LARGE:
                tables = list(sizes)
                with _without_triggers(cursor, tables):
                    cursor.execute("TRUNCATE " + ", ".join(map(_quoted, tables)))
                    _put_back(cursor, migrated)
                return
            tables = _written_to(cursor, [table for table, size in sizes.items() if size], migrated)
            with _without_triggers(cursor, tables):
                # The order of foreign keys does not matter: at the end there is nothing that could refer to what is gone.
                cursor.execute("SET LOCAL session_replication_role = replica")
                for table in tables:
                    cursor.execute(f"DELETE FROM {_quoted(table)}")  # noqa: S608 - a table of our own
                _put_back(cursor, {table: migrated[table] for table in tables if table in migrated})
                cursor.execute("SET LOCAL session_replication_role = origin")

    setattr(type(connection.ops), "execute_sql_flush", execute_sql_flush)  # noqa: B010 - mypy rightly forbids assigning to a method


def _rows_of_migrations(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Each table that is not empty, in PostgreSQL's own text form."""
    with connection.cursor() as cursor:
        found = {table: _rows(cursor, table) for table in _sizes(cursor)}
    return {table: rows for table, rows in found.items() if rows}


def _rows(cursor: CursorWrapper, table: str) -> str:
    copied = io.StringIO()
    cursor.copy_expert(f"COPY {_quoted(table)} TO STDOUT", copied)
    return copied.getvalue()


def _put_back(cursor: CursorWrapper, rows: Mapping[str, str]) -> None:
    for table, copied in rows.items():
        cursor.copy_expert(f"COPY {_quoted(table)} FROM STDIN", io.StringIO(copied))
    # Deferred foreign keys are checked here; a table with pending checks cannot be altered.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def _sizes(cursor: CursorWrapper) -> dict[str, int]:
    """Every table and its bytes on disk; one that nobody wrote to since it was truncated has none, nor has a partitioned one itself."""
    cursor.execute(
        "SELECT c.relname, pg_relation_size(c.oid) FROM pg_class c WHERE c.relkind IN ('r', 'p')"
        " AND c.relnamespace = current_schema()::regnamespace AND c.relname <> %s ORDER BY c.relname",
        [KEPT],
    )
    return dict(cursor.fetchall())


def _written_to(cursor: CursorWrapper, tables: Sequence[str], migrated: Mapping[str, str]) -> list[str]:
    """Of these, the ones that hold other rows than the migrations made."""
    asked = [f"SELECT '{table}' WHERE EXISTS (SELECT FROM {_quoted(table)})" for table in tables if table not in migrated]  # noqa: S608 - tables of our own
    cursor.execute(" UNION ALL ".join(asked) or "SELECT WHERE false")
    filled = [row[0] for row in cursor.fetchall()]
    return [*filled, *(table for table, rows in migrated.items() if _rows(cursor, table) != rows)]


@contextmanager
def _without_triggers(cursor: CursorWrapper, tables: list[str]) -> Iterator[None]:
    """Every trigger of our own on these is off meanwhile, and afterwards in the state it had."""
    cursor.execute(
        "SELECT c.relname, t.tgname, t.tgenabled FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND pg_table_is_visible(c.oid) AND c.relname = ANY(%s)"
        " ORDER BY c.relname, t.tgname",
        [tables],
    )
    triggers = cursor.fetchall()
    for table, name, _ in triggers:
        cursor.execute(f"ALTER TABLE {_quoted(table)} DISABLE TRIGGER {_quoted(name)}")
    yield
    for table, name, state in triggers:
        cursor.execute(f"ALTER TABLE {_quoted(table)} {STATES[state]} TRIGGER {_quoted(name)}")


def _quoted(name: str) -> str:
    return f'"{name}"'
